"""YAML that a person wrote, read strictly and with the line of everything in it.

PyYAML's pure loader, never the one in C, which a page of ``[`` crashes. What makes
YAML dangerous or surprising is off: no tags, no second meaning of ``no`` and
``12:30`` (YAML 1.2 core schema), a key may not come twice, and size, depth and
aliases are limited. Nothing is ever executed or written back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from analyticsops.errors import ConfigError
from analyticsops.invisible import INVISIBLE

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_ALIASES = 100
# With every alias written out. Without aliases a file of 1 MiB stays below it.
MAX_VALUES = 1_000_000

_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
# The core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), in the
# order in which it is tried. What matches nothing is text.
_CORE = (
    (_TAG + "null", r"(?:~|null|Null|NULL|)\Z"),
    (_TAG + "bool", r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    (_TAG + "int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"),
    (
        _TAG + "float",
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z",
    ),
)


def reads_as_text(text: str) -> bool:
    """True if a plain scalar of that text is text to YAML 1.2. PyYAML writes by YAML 1.1, to which
    ``1e5`` is text."""
    return not any(re.match(pattern, text) for _, pattern in _CORE)


# Python refuses to read longer ones, and nobody means one.
_MAX_DIGITS = 300

Step = str | int
_T = TypeVar("_T")


class Lines:
    """Where in its file each value stands.

    Attributes:
        path: the file, as it was given.
    """

    def __init__(self, path: Path, root: yaml.Node | None) -> None:
        self.path = path
        self._root = root

    def number(self, steps: Sequence[Step] = ()) -> int:
        """The 1-based line of the value at ``steps``, keys and indexes from the top.

        For a value in a mapping it is the line of its key. A step that is not there
        gives the line of what should hold it.
        """
        node, line = self._root, 1
        for step in steps:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line

    def at(self, steps: Sequence[Step] = ()) -> str:
        """``file:line`` of the value at ``steps``."""
        return f"{self.path}:{self.number(steps)}"


def load_yaml(path: Path, *, aliases: bool = False) -> tuple[Any, Lines]:
    """Read one YAML document.

    Keys are always text, as written. An empty file is None.

    Args:
        aliases: allow up to 100 aliases and ``<<`` merges, as dbt's own files have
            them. A shared value is then one object: do not change what you get.

    Returns:
        the document as dict, list, str, int, float, bool and None; and its lines.

    Raises:
        ConfigError: the file cannot be read or is not YAML, a key comes twice, or a
            limit is exceeded. It says in which line.
    """
    return parse_yaml(read_text(path), path, aliases=aliases)


def parse_yaml(text: str, path: Path, *, aliases: bool = False) -> tuple[Any, Lines]:
    """As :func:`load_yaml`, for text that was read already; ``path`` is for messages."""
    root = _compose(text, path, _Loader.get_single_node, aliases=aliases)
    if root is None:
        return None, Lines(path, None)
    builder = _Builder(path, aliases=aliases)
    return builder.build(root), Lines(path, root)


def load_documents(path: Path) -> list[tuple[Any, Lines]]:
    """As :func:`load_yaml`, of a file with any number of documents, separated by ``---``."""

    def every(loader: _Loader) -> list[yaml.Node]:
        found: list[yaml.Node] = []
        while loader.check_node():
            node = loader.get_node()
            assert node is not None, "there is one"
            found.append(node)
        return found

    roots = _compose(read_text(path), path, every, aliases=False)
    return [(_Builder(path, aliases=False).build(root), Lines(path, root)) for root in roots]


class _Loader(yaml.SafeLoader):
    """Composes nodes, their tags by YAML 1.2; what they mean is :class:`_Builder`'s."""

    def __init__(self, text: str, path: Path, *, aliases: bool) -> None:
        super().__init__(text)
        self.file = path
        self.aliases_left = MAX_ALIASES if aliases else 0
        self.aliases_allowed = aliases
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self._count_alias(event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _fault(self.file, event.start_mark, f"nested deeper than {MAX_DEPTH} levels")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _count_alias(self, event: yaml.AliasEvent) -> None:
        if not self.aliases_allowed:
            raise _fault(
                self.file, event.start_mark, f"the alias *{event.anchor}", "write the value out"
            )
        self.aliases_left -= 1
        if self.aliases_left < 0:
            raise _fault(self.file, event.start_mark, f"more than {MAX_ALIASES} aliases")


_Loader.yaml_implicit_resolvers = {}  # not what the loader of YAML 1.1 has
for _tag, _pattern in _CORE:
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), None)


class _Builder:
    """Turns nodes into values, each node once however often it is referred to."""

    def __init__(self, path: Path, *, aliases: bool) -> None:
        self._path = path
        self._aliases = aliases
        self._values: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}
        self._depths: dict[int, int] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Any:
        identity = id(node)
        if identity in self._open:
            raise self._fault(node, "an alias of what it stands in")
        if identity not in self._values:
            self._open.add(identity)
            self._values[identity] = self._value(node)
            self._open.discard(identity)
            self._measure(node)
        return self._values[identity]

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        kind = "map" if isinstance(node, yaml.MappingNode) else "seq"
        if node.tag != _TAG + kind:
            raise self._fault(node, f"the tag {_short(node.tag)}", "leave tags out")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        return [self.build(item) for item in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fault(key_node, "a key that is not text")
            key = _text(key_node.value)
            line = key_node.start_mark.line + 1
            if key in lines:
                raise self._fault(
                    key_node, f"the key {_short(key)!r} is also in line {lines[key]}", "keep one"
                )
            lines[key] = line
            if self._aliases and _is_merge(key_node):
                merged = self._merged(value_node)
            else:
                own[key] = self.build(value_node)
        # Own keys outweigh merged ones wherever the merge stands.
        return {**merged, **own}

    def _merged(self, node: yaml.Node) -> dict[str, Any]:
        value = self.build(node)
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise self._fault(node, "only mappings can be merged with <<")
        result: dict[str, Any] = {}
        for source in reversed(sources):
            result.update(source)
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag == _TAG + "int" and len(node.value) > _MAX_DIGITS:
            raise self._fault(node, f"a number of {len(node.value):,} digits")
        try:
            return _SCALARS[node.tag](node.value)
        except KeyError:
            raise self._fault(node, f"the tag {_short(node.tag)}", "leave tags out") from None
        except ValueError:
            # Only `!!int text` comes here: without a tag the text decides.
            kind = node.tag.removeprefix(_TAG)
            raise self._fault(node, f"{_short(node.value)!r} is no {kind}") from None

    def _measure(self, node: yaml.Node) -> None:
        """Limit what a reader that walks the whole document would meet."""
        parts = [id(part) for part in _parts(node)]
        self._sizes[id(node)] = 1 + sum(self._sizes[part] for part in parts)
        self._depths[id(node)] = 1 + max((self._depths[part] for part in parts), default=0)
        if self._sizes[id(node)] > MAX_VALUES:
            raise self._fault(node, f"more than {MAX_VALUES:,} values once aliases are written out")
        if self._depths[id(node)] > MAX_DEPTH:
            raise self._fault(node, f"nested deeper than {MAX_DEPTH} levels")

    def _fault(self, node: yaml.Node, what: str, hint: str = "") -> ConfigError:
        return _fault(self._path, node.start_mark, what, hint)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, of a size that a person may have written.

    Raises:
        ConfigError: it cannot be read, is too large or is no UTF-8.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read: {error.strerror or error}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES:,} bytes", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save the file as UTF-8"
        raise ConfigError("not UTF-8", where=f"{path}:{line}", hint=hint) from error


def _compose(text: str, path: Path, read: Callable[[_Loader], _T], *, aliases: bool) -> _T:
    try:
        loader = _Loader(text, path, aliases=aliases)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the character U+{ord(text[error.position]):04X}, which YAML does not allow"
        raise ConfigError(what, where=f"{path}:{line}") from error
    try:
        return read(loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark or loader.get_mark()
        what = " ".join(filter(None, (error.context, error.problem)))
        raise _fault(path, mark, f"not YAML: {what}") from error
    except (ValueError, OverflowError) as error:
        # "\U00110000": PyYAML asks Python for a character that does not exist.
        mark = loader.get_mark()
        raise _fault(path, mark, f"not YAML: {error}") from error


def _fault(path: Path, mark: Any, what: str, hint: str = "") -> ConfigError:
    return ConfigError(what, where=f"{path}:{mark.line + 1}:{mark.column + 1}", hint=hint)


def _text(value: str) -> str:
    # JSON, which is YAML 1.2, writes an emoji as "\ud83c\udf89"; PyYAML leaves the halves.
    if value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _integer(text: str) -> int:
    # In YAML 1.2 010 is ten; Python's own base 0 refuses it.
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    _TAG + "str": _text,
    _TAG + "int": _integer,
    _TAG + "float": _float,
    _TAG + "bool": _boolean,
    _TAG + "null": lambda _: None,
}


def _is_merge(key: yaml.ScalarNode) -> bool:
    return key.value == _MERGE and key.style is None


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (value for _, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _child(node: yaml.Node | None, step: Step) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if _text(key.value) == step:
            return value, key.start_mark.line + 1
    for key, value in node.value:
        if key.value == _MERGE:
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            return next(filter(None, (_child(source, step) for source in sources)), None)
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _is_hidden(text: str) -> bool:
    return INVISIBLE.search(text) is not None or re.search("[\x7f-\x9f]", text) is not None


class VisibleDumper(yaml.SafeDumper):
    """Writes what nobody sees as escapes, so that a reviewer of the file sees that it is there; and
    in quotes what only YAML 1.2 reads as a number."""

    def analyze_scalar(self, scalar: str) -> Any:
        """Only double quotes have escapes."""
        analysis = super().analyze_scalar(scalar)
        if _is_hidden(scalar):
            analysis.allow_flow_plain = analysis.allow_block_plain = False
            analysis.allow_single_quoted = analysis.allow_block = False
        return analysis

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """With one of them, the whole text is ASCII."""
        before = self.allow_unicode
        self.allow_unicode = before and not _is_hidden(text)
        super().write_double_quoted(text, split)
        self.allow_unicode = before

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """``12e5`` is text to YAML 1.1, by which PyYAML decides."""
        style = None if reads_as_text(data) else "'"
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


VisibleDumper.add_representer(str, VisibleDumper.represent_str)
