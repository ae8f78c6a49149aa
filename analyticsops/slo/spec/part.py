"""A value in a YAML document of OpenSLO, with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from analyticsops.errors import ConfigError
from analyticsops.yaml_files import Lines, Step


class Part(NamedTuple):
    """A value in a document, with where it stands."""

    value: Any
    lines: Lines
    steps: tuple[Step, ...]

    def get(self, *steps: Step) -> Part:
        """What is below; None where there is nothing."""
        value = self.value
        for step in steps:
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                value = None
        return Part(value, self.lines, (*self.steps, *steps))

    def mapping(self) -> Mapping[str, Any]:
        """It, which has to be a mapping; nothing said is an empty one."""
        if self.value is not None and not isinstance(self.value, Mapping):
            raise self.fault("expected a mapping")
        return self.value or {}

    def items(self) -> list[Part]:
        """The items of a list; nothing said is an empty one."""
        if self.value is not None and not isinstance(self.value, list):
            raise self.fault("expected a list")
        return [self.get(place) for place in range(len(self.value or ()))]

    def word(self) -> str:
        """It, which has to be text; nothing said is an empty one."""
        if self.value is not None and not isinstance(self.value, str):
            raise self.fault("expected text")
        return self.value or ""

    def only(self, *keys: str) -> None:
        """That nothing else is said."""
        for key in self.mapping():
            if key not in keys:
                raise self.get(key).fault(f"{key!r} is not supported here")

    def fault(self, what: str, hint: str = "") -> ConfigError:
        """An error at this place."""
        return ConfigError(f"OpenSLO: {what}", where=self.lines.at(self.steps), hint=hint)
