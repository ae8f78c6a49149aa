"""dbt itself, in process, asked through the task behind ``dbt ls``.

Parsing a project is most of what the command costs, so it is done once; each question
then takes the same way as in ``dbt.cli.main.list``: command line -> Flags -> ListTask
-> selection. ``asked_in_full`` goes through the front door, to show that this is equal.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import chdir
from copy import deepcopy
from pathlib import Path
from typing import Any

from dbt.cli.flags import Flags
from dbt.cli.main import cli, dbtRunner
from dbt.compilation import Compiler
from dbt.config.runtime import RuntimeConfig, load_profile, load_project
from dbt.config.selectors import SelectorDict, selector_config_from_data, selector_data_from_root
from dbt.contracts.state import PreviousState
from dbt.flags import set_flags
from dbt.task.list import ListTask
from dbt_common.events.contextvars import task_contextvars


class RefusedError(Exception):
    """dbt does not accept the question."""


class Oracle:
    """One parsed project to ask; ``target`` and ``state`` are folders of artifacts."""

    def __init__(self, folder: Path, *, deps: bool = True, variables: str = "{}") -> None:
        self.folder = folder
        self.target = folder / "target"
        self.base = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
        self.base += ["--no-send-anonymous-usage-stats", "--vars", variables]
        if deps:
            self._invoke("deps")
        self.manifest: Any = self._invoke("parse")
        self.raw: dict[str, Any] = json.loads((self.target / "manifest.json").read_bytes())
        self.previous: PreviousState | None = None
        self.config, self.graph = self._load()
        self.definitions: Any = selector_data_from_root(str(folder)) or {"selectors": []}

    def _invoke(self, command: str, *arguments: str) -> Any:
        quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
        with chdir(self.folder):
            answer = dbtRunner().invoke([*quiet, command, *self.base, *arguments])
        if not answer.success:
            raise answer.exception or RuntimeError(command)
        return answer.result

    def _flags(self, arguments: Sequence[str]) -> Flags:
        full = ["--quiet", "ls", *self.base, *arguments]
        with chdir(self.folder):
            context = cli.make_context("dbt", list(full))
            _, command, rest = cli.resolve_command(
                context, [*context._protected_args, *context.args]
            )
            assert command is not None
            return Flags(command.make_context("list", rest, parent=context))

    def _load(self) -> tuple[Any, Any]:
        flags: Any = self._flags([])
        set_flags(flags)  # type: ignore[no-untyped-call]
        with chdir(self.folder):
            profile = load_profile(str(self.folder), flags.VARS, flags.PROFILE, flags.TARGET)
            project = load_project(str(self.folder), False, profile, flags.VARS)
            config = RuntimeConfig.from_parts(project, profile, flags)
            graph = Compiler(config).compile(self.manifest, write=False)
        return config, graph

    def remember(self, state: Path) -> None:
        """Take the artifacts in ``state`` as those of ``--state``."""
        self.previous = PreviousState(state, self.target, self.folder)

    def as_in_manifest(self) -> Any:
        """The definitions in the form that dbt writes into the manifest."""
        expand: Any = SelectorDict.parse_from_selectors_list
        return expand(deepcopy(self.definitions["selectors"]))

    def ask(self, arguments: Sequence[str]) -> frozenset[str]:
        """What ``dbt ls`` lists with these arguments.

        Raises:
            RefusedError: it lists nothing and fails.
        """
        try:
            flags: Any = self._flags(arguments)
            set_flags(flags)  # type: ignore[no-untyped-call]
            if self.definitions[
                "selectors"
            ]:  # dbt parses them when it starts, under the same flags
                self.config.selectors = selector_config_from_data(deepcopy(self.definitions))
            task = ListTask(flags, self.config, self.manifest)
            task.graph, task.previous_state = self.graph, self.previous
            with task_contextvars(project_root=str(self.folder)):
                found = task.get_node_selector().get_selected(task.get_selection_spec())
        except Exception as fault:  # whatever it is, dbt would stop with it
            raise RefusedError(f"{type(fault).__name__}: {fault}") from fault
        return frozenset(found)

    def asked_in_full(self, arguments: Sequence[str], state: Path | None) -> frozenset[str]:
        """The same through ``dbt ls`` from its front door."""
        more = ["--state", str(state)] if state else []
        output = ["--output", "json", "--output-keys", "unique_id"]
        lines = self._invoke("ls", *output, *more, *arguments)
        return frozenset(json.loads(line)["unique_id"] for line in lines or ())
