"""What people look up, from an index beside the artifacts: anything with a name, and the cards
of metrics. As long as nothing changes, neither the project is read nor any SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

import msgspec

from analyticsops.artifacts.target import manifest_path
from analyticsops.config import find_config
from analyticsops.errors import UsageError
from analyticsops.lookup.documents import KINDS, Document, documents_of
from analyticsops.lookup.index import Found, Index, open_index
from analyticsops.metric_cards import MetricCard, metric_cards
from analyticsops.metrics.entries import find_metric
from analyticsops.workspace import Workspace, cache_of

FILE_NAME = "analyticsops-search.sqlite"

_ARTIFACTS = ("catalog.json", "freshness.json", "sources.json")
_WRITTEN = "analyticsops/**/*.y*ml"
"""What people write about metrics, in the project."""

_cards = msgspec.msgpack.Decoder(MetricCard)


class Lookup:
    """What can be looked up in a project; a context manager."""

    def __init__(self, index: Index, root: Path | None = None) -> None:
        self._index = index
        self._root = root

    def search(self, text: str, *, kinds: Collection[str] = (), limit: int = 20) -> Found:
        """What is called so, or is described so; the best first.

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
        return self._index.search(text, kinds=kinds, limit=limit)

    def metrics(self) -> tuple[MetricCard, ...]:
        """The cards of all metrics, by name."""
        return tuple(_cards.decode(data) for data in self._index.records())

    def metric(self, name: str) -> MetricCard:
        """The card of a metric, by name, label or synonym.

        Raises:
            NotFoundError: with the closest names.
        """
        cards = {card.metric.name: card for card in self.metrics()}
        return cards[find_metric((card.metric for card in cards.values()), name).name]

    def known_values(self, card: MetricCard) -> tuple[tuple[str, float], ...]:
        """The golden values of a metric by the day that each begins with (ISO 8601), in order;
        none if it has no file of them by time.

        Raises:
            ConfigError: the file is not there, or not of that form.
        """
        if not card.golden or self._root is None:
            return ()
        from analyticsops.metrics.checks.golden import over_time, read_golden

        return over_time(read_golden(self._root / card.golden, f"golden of {card.metric.name}"))

    def __enter__(self) -> Lookup:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._index.close()


def open_lookup(
    target: Path,
    load: Callable[[], Workspace],
    *,
    project_dir: Path | None = None,
    config_path: Path | None = None,
) -> Lookup:
    """What can be looked up in a target folder.

    Args:
        target: the folder, or a manifest.
        load: reads the project, if its index is not there or not of today's artifacts.
        project_dir: root of the dbt project; None if it is not known.
        config_path: settings; None for those of the project.
    """
    manifest = manifest_path(target)
    files = [manifest, *(manifest.parent / name for name in _ARTIFACTS)]
    if project_dir is not None:
        files += [*sorted(project_dir.glob(_WRITTEN))]
        config_path = config_path or find_config(project_dir)
    files += [config_path] if config_path is not None else []
    cache = cache_of(manifest.parent)
    path = cache.with_name(FILE_NAME) if cache is not None and manifest.is_file() else None
    return Lookup(open_index(path, _key(files), lambda: _contents(load())), project_dir)


def lookup_of(workspace: Workspace) -> Lookup:
    """What can be looked up in a project that was read already."""
    if not workspace.files:
        return Lookup(open_index(None, "", lambda: _contents(workspace)), workspace.project_dir)
    return open_lookup(
        workspace.files[0],
        lambda: workspace,
        project_dir=workspace.project_dir,
        config_path=workspace.config.path,
    )


def search(
    workspace: Workspace, text: str, *, kinds: Collection[str] = (), limit: int = 20
) -> Found:
    """What in a project is called so, or is described so: :meth:`Lookup.search`."""
    with lookup_of(workspace) as lookup:
        return lookup.search(text, kinds=kinds, limit=limit)


def _contents(workspace: Workspace) -> tuple[Iterable[Document], Iterable[tuple[str, bytes]]]:
    """(what is searched, the cards of metrics by name)."""
    cards = metric_cards(workspace)
    encode = msgspec.msgpack.Encoder().encode
    return _documents(workspace, cards), ((card.metric.name, encode(card)) for card in cards)


def _documents(workspace: Workspace, cards: Iterable[MetricCard]) -> Iterator[Document]:
    entries = {card.metric.node: card.metric for card in cards}
    words = {
        node: [*entry.synonyms, *entry.columns, *entry.sources] for node, entry in entries.items()
    }
    yield from documents_of(workspace.project, workspace.graph, words)
    for node, entry in entries.items():
        if node not in workspace.project.nodes:  # of analyticsops/metrics.yml
            yield Document(
                kind="metric",
                name=entry.name,
                node=node,
                label=entry.label,
                words=" ".join(words[node]),
                description=entry.description,
                owner=entry.owner,
            )


def _key(files: Iterable[Path]) -> str:
    """Changes with whatever the answers are made from."""
    digest = blake2b(digest_size=16)
    for path in files:
        if path.is_file():
            data = path.read_bytes()
            digest.update(f"{path.name} {len(data)}\n".encode("utf-8", "surrogateescape"))
            digest.update(data)
    return digest.hexdigest()
