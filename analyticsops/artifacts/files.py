"""From a path to a typed artifact: guarded reading of JSON that dbt wrote.

dbt writes its artifacts in place, so a reader beside a running dbt sees half a
file; a shell may have re-encoded one; a path may name something else altogether.
All of that ends here, in a value or in one :class:`ArtifactError`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from analyticsops.collecting import uncollected
from analyticsops.errors import ArtifactError

T = TypeVar("T")

SIZE_LIMIT = 2 * 1024**3
"""Bytes. Larger files are refused: no dbt project writes them."""

_PAUSES = (0.1, 0.4, 1.5)
"""Seconds between readings of a file that does not parse: about two in all."""

_RECENT = 5.0
"""Seconds. A broken file touched more recently than this may still be being written."""

_SURROGATES = re.compile("[\ud800-\udfff]")

_BYTE = re.compile(r"\(byte (\d+)\)")


def read_artifact(
    path: Path,
    shape: type[T],
    *,
    kind: str,
    versions: range | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Read one dbt artifact into ``shape``.

    Args:
        path: the JSON file.
        shape: a msgspec struct with only the fields needed; others are skipped.
        kind: what dbt calls it in ``dbt_schema_version``: ``manifest``, ``catalog``,
            ``run-results``, ``sources``, ``freshness``.
        versions: majors of the schema that can be read; None for any artifact at all.
        sleep: how to wait before a second reading; tests pass their own.

    Raises:
        ArtifactError: missing, unreadable, truncated, re-encoded, of another kind or of
            an unsupported version.
    """
    wanted = _Wanted(path, kind, versions)
    data = _read(path, kind)
    for pause in _PAUSES:
        try:
            return _decode(data, shape, wanted)
        except _MalformedError:
            if not _being_written(path, data):
                break
            sleep(pause)
            data = _read(path, kind)
    try:
        return _decode(data, shape, wanted)
    except _MalformedError as fault:
        raise fault.error from None


def schema_of(path: Path) -> str:
    """The ``dbt_schema_version`` URL in the file, empty if there is none.

    Raises:
        ArtifactError: the file is missing or not JSON.
    """
    return read_artifact(path, _AnyHeader, kind="artifact").metadata.dbt_schema_version


class _Wanted(NamedTuple):
    """What the caller asked for."""

    path: Path
    kind: str
    versions: range | None


class _HeaderMetadata(msgspec.Struct, frozen=True):
    dbt_schema_version: str = ""


class _AnyHeader(msgspec.Struct, frozen=True):
    metadata: _HeaderMetadata = _HeaderMetadata()


class _MalformedError(Exception):
    """Not JSON (yet); carries the error to raise when re-reading does not help."""

    def __init__(self, error: ArtifactError) -> None:
        super().__init__(str(error))
        self.error = error


def _read(path: Path, kind: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            raise ArtifactError(
                f"{kind} is larger than the limit of {SIZE_LIMIT:,} bytes", path=path, size=size
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise ArtifactError(
            f"there is no {kind} file here",
            path=path,
            hint="run dbt first, or name the folder with --target-path",
        ) from None
    except IsADirectoryError:
        raise ArtifactError(
            f"expected a {kind} file, found a folder", path=path, hint="name the file in it"
        ) from None
    except OSError as fault:
        raise ArtifactError(f"cannot read: {fault.strerror}", path=path) from None


def _being_written(path: Path, data: bytes) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return True
    return stat.st_size != len(data) or time.time() - stat.st_mtime < _RECENT


def _decode(data: bytes, shape: type[T], wanted: _Wanted) -> T:
    text = _without_bom(data, wanted)
    try:
        with uncollected():
            found = msgspec.json.decode(text, type=shape)
    except msgspec.ValidationError:
        found = _decode_leniently(text, shape, wanted, "")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        found = _decode_leniently(text, shape, wanted, str(fault))
    if wanted.versions is not None:
        header = msgspec.convert(found, type=_AnyHeader, from_attributes=True)
        _check_schema(header.metadata.dbt_schema_version, wanted, len(data))
    return found


def _without_bom(data: bytes, wanted: _Wanted) -> bytes:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ArtifactError(
            f"{wanted.kind} is encoded as UTF-16, expected UTF-8",
            path=wanted.path,
            size=len(data),
            offset=0,
            hint="PowerShell's > re-encodes; copy the file instead",
        )
    return data.removeprefix(b"\xef\xbb\xbf")


def _decode_leniently(data: bytes, shape: type[T], wanted: _Wanted, strict_fault: str) -> T:
    """Second reading with the standard library, which dbt itself writes with.

    It accepts what Python's json writes and JSON forbids: NaN, Infinity and lone
    surrogates, all of which occur in real artifacts. And it takes null for "not said"
    where another version of dbt leaves a field out.
    """
    loose = _parsed(data, wanted, strict_fault)
    try:
        return msgspec.convert(_cleaned(loose), type=shape)
    except msgspec.ValidationError as fault:
        raise _wrong_shape(loose, data, wanted, fault) from None
    except RecursionError:
        raise _malformed("nested too deeply", None, data, wanted) from None


def _parsed(data: bytes, wanted: _Wanted, strict_fault: str) -> Any:
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as fault:
        raise _malformed("it is not UTF-8 text", fault.start, data, wanted) from None
    except json.JSONDecodeError as fault:
        offset = len(fault.doc[: fault.pos].encode("utf-8", "surrogatepass"))
        truncated = not fault.doc[fault.pos :].strip() or "Unterminated" in fault.msg
        what = "the file ends too early" if truncated else fault.msg
        raise _malformed(what, len(data) if truncated else offset, data, wanted) from None
    except RecursionError:
        found = _BYTE.search(strict_fault)
        offset_of = int(found.group(1)) if found else None
        raise _malformed("nested too deeply", offset_of, data, wanted) from None
    except ValueError as fault:  # a number of thousands of digits
        raise _malformed(str(fault).partition(";")[0], None, data, wanted) from None


def _malformed(what: str, offset: int | None, data: bytes, wanted: _Wanted) -> _MalformedError:
    if not data:
        what = "the file is empty"
    return _MalformedError(
        ArtifactError(
            f"{wanted.kind} is not valid JSON: {what}",
            path=wanted.path,
            size=len(data),
            offset=offset,
            hint="is dbt still writing it? otherwise run dbt again",
        )
    )


_FREE_FORM = frozenset({"config", "external", "kwargs", "meta", "unrendered_config", "vars"})
"""Fields whose content is the user's: a null there is the user's null."""


def _cleaned(value: Any, *, free: bool = False) -> Any:
    """The value without fields and items that are null, so that defaults apply, and with
    U+FFFD in the place of lone surrogates, which no output format can carry.

    dbt writes null into lists as well: a test whose macro it does not find depends on
    the macro null.
    """
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {
            _cleaned(key): _cleaned(inner, free=free or key in _FREE_FORM)
            for key, inner in value.items()
            if free or inner is not None
        }
    if isinstance(value, list):
        return [_cleaned(item, free=free) for item in value if free or item is not None]
    return value


def _wrong_shape(
    loose: Any, data: bytes, wanted: _Wanted, fault: msgspec.ValidationError
) -> ArtifactError:
    """Say what the file is, if it is another artifact; else which field is wrong."""
    metadata = loose.get("metadata") if isinstance(loose, dict) else None
    schema = metadata.get("dbt_schema_version") if isinstance(metadata, dict) else None
    if isinstance(schema, str) and wanted.versions is not None:
        _check_schema(schema, wanted, len(data))
    if not isinstance(schema, str):
        what = f"not a dbt {wanted.kind}: it has no metadata.dbt_schema_version"
    else:
        what = f"{wanted.kind} does not have the expected shape: {_one_line(str(fault))}"
    return ArtifactError(what, path=wanted.path, size=len(data))


def _check_schema(schema: str, wanted: _Wanted, size: int) -> None:
    """Compare a URL such as ``.../manifest/v12.json`` with what is wanted.

    Raises:
        ArtifactError: another artifact, or a version that cannot be read.
    """
    kind, versions = wanted.kind, wanted.versions or range(0)
    found = re.search(rf"/{re.escape(kind)}/v(\d{{1,6}})\b", schema)
    if not found:
        said = f"found {_one_line(schema)}" if schema else "its dbt_schema_version is empty"
        raise ArtifactError(f"expected a dbt {kind}, {said}", path=wanted.path, size=size)
    version = int(found.group(1))
    if version not in versions:
        raise ArtifactError(
            f"{kind} v{version} is not supported; supported are "
            f"v{versions.start} to v{versions.stop - 1}",
            path=wanted.path,
            size=size,
            hint="upgrade analyticsops or use a supported dbt version",
        )


def _one_line(text: str) -> str:
    """Foreign text in a message: short and printable."""
    shown = "".join(c if c.isprintable() else "?" for c in text[:121])
    return shown if len(text) <= 120 else f"{shown[:120]}..."
