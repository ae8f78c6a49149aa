"""Search a workspace for anything with a name. The index lies beside the artifacts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import blake2b
from pathlib import Path

from analyticsops.errors import UsageError
from analyticsops.lookup.documents import KINDS, Document, documents_of
from analyticsops.lookup.index import Found, open_index
from analyticsops.workspace import Workspace

FILE_NAME = "analyticsops-search.sqlite"


def search(
    workspace: Workspace, text: str, *, kinds: Collection[str] = (), limit: int = 20
) -> Found:
    """What in a project is called so, or is described so; the best first.

    Args:
        text: words, or beginnings of words.
        kinds: only these of :data:`analyticsops.lookup.documents.KINDS`; empty for all.
        limit: at most so many.

    Raises:
        UsageError: there is no such kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"no kind named {kind!r}", hint=f"one of {', '.join(KINDS)}")
    with open_index(_path(workspace), _key(workspace), _documents(workspace)) as index:
        return index.search(text, kinds=kinds, limit=limit)


def _documents(workspace: Workspace) -> Iterator[Document]:
    """Made when somebody looks: an index that is kept needs no lineage."""
    synonyms = {
        node.unique_id: [text for text in found if isinstance(text, str)]
        for node in workspace.project.of_kind("metric")
        if isinstance(found := node.settings.get("synonyms"), list)
    }
    yield from documents_of(workspace.project, workspace.graph, synonyms)


def _path(workspace: Workspace) -> Path | None:
    cache = workspace.cache
    return cache.with_name(FILE_NAME) if cache is not None and workspace.files else None


def _key(workspace: Workspace) -> str:
    """Changes with whatever the project is read from, and with the version of the lineage."""
    digest = blake2b(digest_size=16)
    for path in workspace.files:
        digest.update(path.read_bytes())
    return digest.hexdigest()
