"""What dbt adds to a snapshot, as its macros make it (``snapshot_staging_table``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OWN = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted")

_CLOCK = "current_timestamp"


def own_names(config: Mapping[str, Any]) -> dict[str, str]:
    """All columns that dbt may add: their names in the table by what dbt calls them."""
    renamed = config.get("snapshot_meta_column_names")
    names = renamed if isinstance(renamed, dict) else {}
    return {name: str(names.get(name) or name) for name in _OWN}


def own_columns(config: Mapping[str, Any]) -> dict[str, str]:
    """The columns that dbt adds with this configuration, likewise."""
    names = own_names(config)
    if config.get("hard_deletes") != "new_record":
        del names["dbt_is_deleted"]
    return names


def is_own(config: Mapping[str, Any], column: str) -> bool:
    """True for the name of a column that dbt may add."""
    return column.lower() in {name.lower() for name in own_names(config).values()}


def compared_names(config: Mapping[str, Any]) -> frozenset[str]:
    """Words in lower case by which dbt names columns in order to recognise rows and changes."""
    texts = [*_keys(config), _time(config), *_checked(config)]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.lower()))


def own_columns_sql(config: Mapping[str, Any], sql: str) -> str | None:
    """A query that says what dbt's columns are made of, to be analysed and never run.

    dbt's own SQL also reads the table as it was: the next version's time is written into
    ``dbt_valid_to`` when that comes, and a row is written if its key is new or something
    that is compared has changed.

    Returns:
        None if the strategy is none of dbt's, or lacks what it needs.
    """
    keys, time = _keys(config), _time(config)
    checked = " or ".join(f"({text}) is null" for text in _checked(config))
    strategy = config.get("strategy")
    if not keys or not (strategy == "check" or (strategy == "timestamp" and time)):
        return None
    if strategy == "check":
        if config.get("check_cols") == "all":
            checked = "(select count(*) from (select distinct * from snapshot_query) as v) > 1"
        if not checked:
            return None
        time = f"case when {checked} then {time or _CLOCK} end"
    key = ", ".join(keys)
    gone = " and ".join(f"({text}) is null" for text in keys)
    made = {
        "dbt_scd_id": f"md5(concat({key}, {time}))",
        "dbt_updated_at": time,
        "dbt_valid_from": time,
        "dbt_valid_to": f"lead({time}) over (partition by {key} order by {time})",
        "dbt_is_deleted": f"case when {gone} then 'True' else 'False' end",
    }
    columns = ", ".join(f"{made[name]} as {told}" for name, told in own_columns(config).items())
    changed = checked or f"{time} is not null"
    # Parsed, never run; as in dbt's own SQL the text of a snapshot may end in a comment.
    return (
        f"with snapshot_query as ({sql}\n) select {columns} from snapshot_query "  # noqa: S608
        f"where {gone} or {changed}"
    )


def _keys(config: Mapping[str, Any]) -> list[str]:
    value = config.get("unique_key")
    found = value if isinstance(value, list) else [value]
    return [text for text in found if isinstance(text, str) and text.strip()]


def _time(config: Mapping[str, Any]) -> str:
    value = config.get("updated_at")
    return value.strip() if isinstance(value, str) else ""


def _checked(config: Mapping[str, Any]) -> list[str]:
    value = config.get("check_cols")
    return [str(text) for text in value] if isinstance(value, list) else []
