"""The names that dbt puts into every template: ``ref``, ``var``, ``config``, ``log``...

What stands for a running dbt or a warehouse is unknown; see
:class:`analyticsops.project.render.values.Unknown`.
"""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable, Iterable
from hashlib import md5
from typing import TYPE_CHECKING, Any

import msgspec
import yaml
from jinja2 import Undefined

from analyticsops.project.render.adapters import WAREHOUSE, Adapter
from analyticsops.project.render.modules import Modules
from analyticsops.project.render.nodes import graph_value, node_value
from analyticsops.project.render.objects import (
    COMMAND_LINE,
    NOT_THERE,
    Api,
    CompilerError,
    Config,
    Exceptions,
    Flags,
    Scope,
)
from analyticsops.project.render.relation import Relation, relation_of
from analyticsops.project.render.values import Partial, StableSet, Unknown

if TYPE_CHECKING:
    from analyticsops.project.render.session import RenderSession

DBT_RUN = "only a running dbt has"


class MacroReturnError(Exception):
    """``return(value)`` in a macro; caught where the macro was called."""

    def __init__(self, value: Any) -> None:
        super().__init__("return() outside of a macro")
        self.value = value


class Names:
    """The names by attribute; what dbt calls differently stands in :data:`RENAMED`."""

    def __init__(self, session: RenderSession) -> None:
        self.session = session
        self._once: dict[str, Any] = {}

    def __repr__(self) -> str:
        return "<dbt>"  # no address, whatever a template prints

    def lookup(self, name: str) -> Any:
        """The value of a name that dbt defines; raises KeyError for any other."""
        if name in self._once:
            return self._once[name]
        if name in UNKNOWN:
            value: Any = self.session.unknown(name, UNKNOWN[name])
        elif name in KNOWN:
            value = getattr(self, RENAMED.get(name, name))
        else:
            raise KeyError(name)
        self._once[name] = value
        return value

    def of_function(self, function: str, attribute: str) -> Unknown:
        """``ref.config`` and the like: in dbt, these functions are objects."""
        return self.session.unknown(f"{function}.{attribute}", DBT_RUN)

    # -- the node and its neighbours

    @property
    def this(self) -> Relation | None:
        """The node's own relation; None for an operation."""
        node = self.session.node
        if node.kind == "operation":
            return None
        return relation_of(self.session, node, self.session.usual)

    @property
    def model(self) -> Partial:
        """The node as a dictionary."""
        return node_value(self.session, self.session.node)

    @property
    def graph(self) -> Partial:
        """All nodes."""
        return graph_value(self.session, self.session.renderer.project)

    @property
    def database(self) -> str | None:
        """Of the node."""
        where = self.session.node.relation
        return where.database if where else None

    @property
    def schema(self) -> str | None:
        """Of the node."""
        where = self.session.node.relation
        return where.schema if where else None

    @property
    def config(self) -> Config:
        """``config(...)`` and ``config.get``."""
        return Config(self.session)

    def ref(self, *args: Any, **kwargs: Any) -> Relation:
        """The relation of another node."""
        if len(args) not in (1, 2) or not all(isinstance(arg, str) for arg in args):
            raise CompilerError(f"ref() takes one or two names, got {_shown(args)}")
        version = kwargs.get("version") or kwargs.get("v")
        package = args[0] if len(args) == 2 else None
        return self.session.ref(args[-1], package, None if version is None else str(version))

    def source(self, *args: Any) -> Relation:
        """The relation of a source table."""
        if len(args) != 2 or not all(isinstance(arg, str) for arg in args):
            raise CompilerError(f"source() takes two names, got {_shown(args)}")
        return self.session.source(args[0], args[1])

    def function(self, *args: Any) -> Relation:
        """The relation of a function that dbt manages."""
        if len(args) not in (1, 2) or not all(isinstance(arg, str) for arg in args):
            raise CompilerError(f"function() takes one or two names, got {_shown(args)}")
        return self.session.function(args[-1], args[0] if len(args) == 2 else None)

    # -- the world

    @property
    def target(self) -> Partial:
        """dbt's connection, as far as it is known."""
        known = dict(self.session.renderer.target)
        return Partial(self.session, "target", "is not in the manifest", known)

    def var(self, name: str, default: Any = NOT_THERE) -> Any:
        """A var for the node's package."""
        value = self.session.renderer.var(name, self.session.node.package, NOT_THERE)
        if value is not NOT_THERE:
            known = copy.deepcopy(value)
            return self.session.text(known) if isinstance(known, str) else known
        if default is NOT_THERE:
            return self.session.unknown(f"var('{name}')", "is not set")
        self.session.assume(f"var('{name}') is not set: its default is used")
        return default

    def env_var(self, name: str, default: Any = None) -> Any:
        """An environment variable of those given."""
        if name.startswith("DBT_ENV_SECRET"):
            raise CompilerError(f"env_var('{name}'): dbt gives no secrets to models")
        if name in self.session.renderer.settings.env:
            return self.session.renderer.settings.env[name]
        if default is None:
            return self.session.unknown(f"env_var('{name}')", "is not set")
        self.session.assume(f"env_var('{name}') is not set: its default is used")
        return default

    @property
    def dbt_metadata_envs(self) -> dict[str, str]:
        """The environment variables that dbt copies into its artifacts."""
        prefix = "DBT_ENV_CUSTOM_ENV_"
        env = self.session.renderer.settings.env
        return {k.removeprefix(prefix): v for k, v in env.items() if k.startswith(prefix)}

    @property
    def run_started_at(self) -> datetime.datetime:
        """The assumed instant."""
        return self.session.now("run_started_at")

    @property
    def invocation_id(self) -> str:
        """The same for every rendering."""
        self.session.assume("invocation_id is different in every run")
        return self.session.renderer.settings.invocation_id

    @property
    def thread_id(self) -> str:
        """The same for every rendering."""
        self.session.assume("thread_id may be different in every run")
        return "Thread-1 (worker)"

    @property
    def dbt_version(self) -> str:
        """Of the dbt that wrote the manifest."""
        return self.session.renderer.project.dbt_version

    @property
    def project_name(self) -> str:
        """Of the root project."""
        return self.session.renderer.project.name

    execute = True
    """As in ``dbt compile``, whose result we want; see :class:`Unknown` for the rest."""

    pre_hooks = post_hooks = sql = compiled_code = defer_relation = None

    @property
    def flags(self) -> Flags:
        """Command line flags."""
        return Flags(self.session)

    @property
    def adapter(self) -> Adapter:
        """dispatch, quote and questions to the warehouse."""
        return Adapter(self.session)

    @property
    def api(self) -> Api:
        """``api.Relation`` and ``api.Column``."""
        return Api(self.session)

    @property
    def column(self) -> Any:
        """The adapter's column class."""
        return Adapter(self.session).Column

    @property
    def modules(self) -> Modules:
        """The permitted parts of Python."""
        return Modules(self.session)

    @property
    def exceptions(self) -> Exceptions:
        """``exceptions.raise_compiler_error`` and others."""
        return Exceptions(self.session)

    @property
    def context(self) -> Scope:
        """All names as a dictionary."""
        return Scope(self.session.find)

    @property
    def builtins(self) -> Scope:
        """dbt's own names, even where a macro has taken one over."""
        return Scope(self.lookup)

    # -- plain functions

    def return_(self, data: Any = None) -> None:
        """The value of the macro."""
        raise MacroReturnError(data)

    def log(self, *args: Any, **kwargs: Any) -> str:
        """Nothing is logged, printed or stored."""
        return ""

    print_ = store_result = store_raw_result = write = log

    def load_result(self, name: str) -> Any:
        """The answer to a query that was not asked."""
        if name not in self.session.statements:
            return None
        return self.session.unknown(f"load_result('{name}')", WAREHOUSE)

    def render(self, string: str) -> str:
        """A text as a template."""
        return self.session.text(string)

    def fromjson(self, string: Any, default: Any = None) -> Any:
        """JSON to values."""
        if isinstance(string, Unknown):
            return string
        self.session.budget.spend(len(string))
        try:
            return msgspec.json.decode(string)
        except (ValueError, TypeError):
            return default

    def tojson(self, value: Any, default: Any = None, sort_keys: bool = False) -> Any:
        """Values to JSON."""
        value = self._plain(value)
        if isinstance(value, Unknown):
            return value
        try:
            return json.dumps(value, sort_keys=sort_keys)
        except ValueError:
            return default

    def fromyaml(self, value: Any, default: Any = None) -> Any:
        """YAML to values."""
        if isinstance(value, Unknown):
            return value
        self.session.budget.spend(200 * len(value))  # PyYAML is slow
        try:
            return yaml.safe_load(value)
        except (AttributeError, ValueError, yaml.YAMLError):
            return default

    def toyaml(self, value: Any, default: Any = None, sort_keys: bool = False) -> Any:
        """Values to YAML."""
        value = self._plain(value)
        if isinstance(value, Unknown):
            return value
        try:
            return yaml.safe_dump(value, sort_keys=sort_keys)
        except (ValueError, yaml.YAMLError):
            return default

    def _plain(self, value: Any) -> Any:
        """The value, or an unknown one if it holds something that we only know in part."""
        stack = [value]
        while stack:
            item = stack.pop()
            if isinstance(item, Partial):
                return self.session.unknown(item.label, item.why)
            if isinstance(item, Unknown):
                return item
            if isinstance(item, dict):
                stack.extend(item.values())
            elif isinstance(item, (list, tuple)):
                stack.extend(item)
        return value

    def set_(self, value: Iterable[Any], default: Any = None) -> Any:
        """A set."""
        try:
            return self.set_strict(value)
        except TypeError:
            return default

    def set_strict(self, value: Iterable[Any]) -> StableSet:
        """A set; anything but a collection is an error."""
        return StableSet(self.session, value)

    def zip_(self, *args: Iterable[Any], default: Any = None) -> Any:
        """Tuples of the first, second... elements."""
        try:
            return zip(*args, strict=False)
        except TypeError:
            return default

    def zip_strict(self, *args: Iterable[Any]) -> Any:
        """The same; anything but collections is an error."""
        return zip(*args, strict=False)

    def local_md5(self, value: str) -> str:
        """MD5 of a text."""
        return md5(value.encode(), usedforsecurity=False).hexdigest()

    def diff_of_two_dicts(self, dict_a: Any, dict_b: Any) -> dict[str, Any]:
        """What the lists of the first hold more, by key; case is ignored."""
        other = {k.casefold(): [x.casefold() for x in v] for k, v in dict_b.items()}
        result: dict[str, Any] = {}
        for key, values in dict_a.items():
            if key.casefold() not in other:
                result[key] = values
            elif more := [v for v in values if v.casefold() not in other[key.casefold()]]:
                result[key] = more
        return result

    def try_or_compiler_error(
        self, message: str, func: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """The result of a call, or an error of one's own."""
        try:
            return func(*args, **kwargs)
        except (TypeError, ValueError, LookupError, ArithmeticError):
            raise CompilerError(message) from None


def _shown(args: tuple[Any, ...]) -> str:
    return ", ".join("undefined" if isinstance(a, Undefined) else repr(a) for a in args) or "none"


RENAMED = {"return": "return_", "print": "print_", "set": "set_", "zip": "zip_", "env": "target"}

_NOT_NAMES = frozenset({"lookup", "of_function", "return_", "print_", "set_", "zip_"})
KNOWN = frozenset(name for name in vars(Names) if not name.startswith("_")) - _NOT_NAMES
KNOWN |= RENAMED.keys()

UNKNOWN = {
    "_sql_results": DBT_RUN,
    "context_macro_stack": DBT_RUN,
    "invocation_args_dict": COMMAND_LINE,
    "load_agate_table": "reads a file",
    "metric": "is gone since dbt 1.6",
    "selected_resources": COMMAND_LINE,
    "source_node": DBT_RUN,
    "sql_now": "depends on the adapter",
    "submit_python_job": WAREHOUSE,
    "validation": DBT_RUN,
}
"""Names that dbt defines and that we cannot; better unknown than undefined."""

ON_RUN_END = ("database_schemas", "results", "schemas")
"""Names that on-run-end hooks have beside those of models."""

TEST_KWARGS = "_dbt_generic_test_kwargs"
"""The name under which a generic test finds its arguments."""
