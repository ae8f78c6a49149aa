"""Where findings are shown."""

from __future__ import annotations

import msgspec
import pytest

from analyticsops.findings import Location
from analyticsops.report.place import Place, place

from . import sample

FINDING = sample.findings()[0]


def _place(location: Location | None, root: str = "") -> Place:
    return place(msgspec.structs.replace(FINDING, location=location), root)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (Location("models/a.sql", 3, 2), Place("models/a.sql", 3, 2)),
        (Location("./models//b/../a.sql", 3), Place("models/a.sql", 3)),
        (Location("models/a.sql", 0, 2), Place("models/a.sql")),
        (Location("models/a.sql", None, 2), Place("models/a.sql")),
        (Location("models/a.sql", 3, -1), Place("models/a.sql", 3)),
    ],
)
def test_place(location: Location, shown: Place) -> None:
    assert _place(location) == shown


@pytest.mark.parametrize(
    "path",
    ["", ".", "/etc/passwd", "../x", "a/../../x", "~/x", "\\\\server\\x", "C:\\x", "\x1b[m../x"],
)
def test_what_is_no_place_in_the_project(path: str) -> None:
    assert _place(Location(path, 3)) == Place("dbt_project.yml", exact=False)
    assert _place(None, "dbt/shop") == Place("dbt/shop/dbt_project.yml", exact=False)


@pytest.mark.parametrize("root", ["dbt/shop", "/dbt/shop/", "dbt/shop/"])
def test_root(root: str) -> None:
    assert _place(Location("models/a.sql", 3), root).path == "dbt/shop/models/a.sql"
