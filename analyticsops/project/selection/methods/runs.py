"""Methods that look at what happened: result, source_status."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from analyticsops.artifacts.freshness import Freshness
from analyticsops.project.selection.methods.search import Search


def by_result(search: Search) -> Iterator[str]:
    """``result:``: nodes with this status in the run results; an unknown status finds none."""
    results = search.context.run_results
    if results is None:
        raise search.error("there are no run results to look into", "pass --state")
    wanted = search.text
    found = {result.unique_id for result in results.results if result.status == wanted}
    return (unique_id for unique_id in search.nodes if unique_id in found)


def by_source_status(search: Search) -> Iterator[str]:
    """``source_status:fresher``: sources with newer data than before, or measured for the
    first time. Any other word finds none."""
    now, before = search.context.freshness, search.context.previous_freshness
    if now is None or before is None:
        missing = "present" if now is None else "earlier"
        raise search.error(
            f"there is no {missing} sources.json to compare", "run dbt source freshness"
        )
    found = _fresher(_loaded(now), _loaded(before)) if search.text == "fresher" else set()
    return (unique_id for unique_id in search.nodes if unique_id in found)


def _fresher(now: dict[str, datetime], before: dict[str, datetime]) -> set[str]:
    return {
        unique_id
        for unique_id, loaded in now.items()
        if unique_id not in before or loaded > before[unique_id]
    }


def _loaded(freshness: Freshness) -> dict[str, datetime]:
    """Newest data by source; those whose query failed have none."""
    return {
        result.unique_id: _instant(result.max_loaded_at)
        for result in freshness.results
        if result.max_loaded_at is not None
    }


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
