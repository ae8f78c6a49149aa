"""Plain data as YAML that people read: keys in their order, texts of several lines as blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from analyticsops.yaml_files import VisibleDumper


class _Dumper(VisibleDumper):
    """Indents lists below their key, and never writes an anchor."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """Lists stand below their key."""
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """What stands twice is written twice."""
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Several lines stand as a block."""
        if "\n" not in data:
            return super().represent_str(data)
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|")


_Dumper.add_representer(str, _Dumper.represent_str)


def yaml_text(data: Mapping[str, Any]) -> str:
    """The document; parts that are empty are left out."""
    return yaml.dump(
        without_empty(data),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=100,
    )


def without_empty(data: Any) -> Any:
    """Plain data without empty texts, lists and mappings, and without None."""
    if isinstance(data, Mapping):
        pairs = ((key, without_empty(value)) for key, value in data.items())
        return {key: value for key, value in pairs if value not in ("", None, [], {})}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [without_empty(item) for item in data]
    return data
