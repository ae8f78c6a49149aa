"""From a path to a typed artifact: guarded reading of JSON that dbt wrote.

dbt writes its artifacts in place, so a reader beside a running dbt sees half a
file; a shell may have re-encoded one; a path may name something else altogether.
All of that ends here, in a value or in one :class:`ArtifactError`.
"""

from __future__ import annotations

import gc
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from analyticsops.errors import ArtifactError

T = TypeVar("T")

SIZE_LIMIT = 2 * 1024**3
"""Bytes. Larger files are refused: no dbt project writes them."""

_PAUSES = (0.1, 0.4, 1.5)
"""Seconds between readings of a file that does not parse: about two in all."""

_RECENT = 5.0
"""Seconds. A broken file touched more recently than this may still be being written."""

_BYTE = re.compile(r"\(byte (\d+)\)")


def read_artifact(
    path: Path,
    shape: type[T],
    *,
    kind: str,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Read one dbt artifact into ``shape``.

    Args:
        path: the JSON file.
        shape: a msgspec struct with only the fields needed; others are skipped.
        kind: what dbt calls it in ``dbt_schema_version``: ``manifest``, ``catalog``,
            ``run-results``, ``sources``, ``freshness``.
        sleep: how to wait before a second reading; tests pass their own.

    Raises:
        ArtifactError: missing, unreadable, truncated, re-encoded, or of another kind.
    """
    data = _read(path, kind)
    for pause in _PAUSES:
        try:
            return _decode(data, path, shape, kind)
        except _MalformedError:
            if not _being_written(path, data):
                break
            sleep(pause)
            data = _read(path, kind)
    try:
        return _decode(data, path, shape, kind)
    except _MalformedError as fault:
        raise fault.error from None


def schema_of(path: Path) -> str:
    """The ``dbt_schema_version`` URL in the file, empty if there is none.

    Raises:
        ArtifactError: the file is missing or not JSON.
    """
    return read_artifact(path, _AnyHeader, kind="artifact").metadata.dbt_schema_version


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


def _decode(data: bytes, path: Path, shape: type[T], kind: str) -> T:
    text = _without_bom(data, path, kind)
    try:
        with _no_collection():
            return msgspec.json.decode(text, type=shape)
    except msgspec.ValidationError as fault:
        raise _wrong_shape(text, path, kind, fault) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return _decode_leniently(text, path, shape, kind, fault)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Switch the cycle collector off: decoded JSON has no cycles, and scanning a
    growing heap for them again and again is most of the time of a large manifest."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _without_bom(data: bytes, path: Path, kind: str) -> bytes:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ArtifactError(
            f"{kind} is encoded as UTF-16, expected UTF-8",
            path=path,
            size=len(data),
            offset=0,
            hint="PowerShell's > re-encodes; copy the file instead",
        )
    return data.removeprefix(b"\xef\xbb\xbf")


def _decode_leniently(
    data: bytes, path: Path, shape: type[T], kind: str, strict_fault: Exception
) -> T:
    """Second reading with the standard library, which dbt itself writes with.

    It accepts what Python's json writes and JSON forbids: NaN, Infinity and lone
    surrogates, all of which occur in real artifacts.
    """

    def malformed(what: str, offset: int | None) -> _MalformedError:
        return _MalformedError(
            ArtifactError(
                f"{kind} is not valid JSON: {what}",
                path=path,
                size=len(data),
                offset=offset,
                hint="is dbt still writing it? otherwise run dbt again",
            )
        )

    try:
        loose: Any = json.loads(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as fault:
        raise malformed("it is not UTF-8 text", fault.start) from None
    except json.JSONDecodeError as fault:
        offset = len(fault.doc[: fault.pos].encode("utf-8", "surrogatepass"))
        truncated = not fault.doc[fault.pos :].strip() or "Unterminated" in fault.msg
        what = "the file ends too early" if truncated else fault.msg
        raise malformed(what, len(data) if truncated else offset) from None
    except RecursionError:
        found = _BYTE.search(str(strict_fault))
        raise malformed("nested too deeply", int(found.group(1)) if found else None) from None
    try:
        return msgspec.convert(loose, type=shape)
    except msgspec.ValidationError as fault:
        raise _wrong_shape(data, path, kind, fault) from None


def _wrong_shape(data: bytes, path: Path, kind: str, fault: Exception) -> ArtifactError:
    """Say what the file is, if it is another artifact; else which field is wrong."""
    try:
        schema = msgspec.json.decode(data, type=_AnyHeader).metadata.dbt_schema_version
    except (msgspec.DecodeError, UnicodeDecodeError):
        schema = ""
    if not schema:
        what = f"not a dbt {kind}: it has no metadata.dbt_schema_version"
    elif f"/{kind}/" not in schema:
        what = f"expected a dbt {kind}, found {schema}"
    else:
        what = f"{kind} does not have the expected shape: {fault}"
    return ArtifactError(what, path=path, size=len(data))


def check_schema(
    schema: str, *, kind: str, versions: range, path: Path, size: int | None = None
) -> int:
    """The major version in a ``dbt_schema_version`` URL such as ``.../manifest/v12.json``.

    Raises:
        ArtifactError: another artifact, or a version outside ``versions``.
    """
    found = re.search(rf"/{re.escape(kind)}/v(\d+)", schema)
    if not found:
        said = f"found {schema}" if schema else "it has no metadata.dbt_schema_version"
        raise ArtifactError(f"expected a dbt {kind}, {said}", path=path, size=size)
    version = int(found.group(1))
    if version not in versions:
        raise ArtifactError(
            f"{kind} v{version} is not supported; supported are "
            f"v{versions.start} to v{versions.stop - 1}",
            path=path,
            size=size,
            hint="upgrade analyticsops or use a supported dbt version",
        )
    return version
