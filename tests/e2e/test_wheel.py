"""What users install: the wheel holds the package with its data, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def test_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=REPO, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "analyticsops/py.typed",
        "analyticsops/report/page.css",
        "analyticsops/report/page.html.jinja",
        "analyticsops/schemas/config-v1.schema.json",
        "analyticsops/schemas/lineage-v1.schema.json",
        "analyticsops/schemas/report-v1.schema.json",
        "analyticsops/site/page/app.js",
        "analyticsops/site/page/licences.md",
    } <= names
    about = {name.partition(".dist-info/")[2] for name in names if ".dist-info/" in name}
    assert {
        "licenses/LICENSE",
        "licenses/analyticsops/site/page/licences.md",
        "sboms/sbom.cdx.json",
    } <= about
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"analyticsops"}


def test_the_package_never_imports_dbt() -> None:
    """dbt 2 has no Python API, and importing dbt 1 costs seconds."""
    code = (
        "import sys, pkgutil, importlib, analyticsops\n"
        "for m in pkgutil.walk_packages(analyticsops.__path__, 'analyticsops.'):\n"
        "    '__main__' in m.name or importlib.import_module(m.name)\n"
        "sys.exit(any(name == 'dbt' or name.startswith('dbt.') for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPO).returncode == 0
