"""What of other people's code is in the report's page: their licences, and an SBOM of them.

    python -m scripts.web_licences

`make web` calls it after the build. The bundler writes the licences of the packages whose modules
it saw. It cannot see a package inside another one's finished file, so every other package that is
needed at run time is added; one too many does no harm, one too few breaks its licence. The SBOM
(CycloneDX) goes into the wheel beside the metadata, as PEP 770 has it. Both are the same bytes
wherever they are made.
"""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

REPO = Path(__file__).resolve().parent.parent
WEB = REPO / "web"
LICENCES = REPO / "analyticsops" / "site" / "page" / "licences.md"
SBOM = WEB / "sbom.cdx.json"

ALLOWED = frozenset({"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"})
"""Licences (SPDX) that ask for nothing but their text beside a copy."""

HEADING = re.compile(r"^## (\S+) - (\S+) \(([^)]+)\)$", re.MULTILINE)


class Package(NamedTuple):
    """A package of npm that is needed at run time.

    Attributes:
        name: with its scope.
        version: the one that is locked.
        licence: SPDX expression, as its author states it.
        integrity: of its archive, as npm writes it.
    """

    name: str
    version: str
    licence: str
    integrity: str


def packages(lock: Mapping[str, Any]) -> Iterator[Package]:
    """Those of a package-lock.json whose code can be in the page: not tools, and not types."""
    for path, entry in sorted(lock["packages"].items()):
        name = path.rpartition("node_modules/")[2]
        types = name.startswith("@types/") or name == "csstype"
        if name and not types and not entry.get("dev"):
            yield Package(name, entry["version"], entry["license"], entry["integrity"])


def listed(text: str) -> dict[str, tuple[str, str]]:
    """Name -> (version, licence) of the packages whose licences a text holds."""
    return {name: (version, licence) for name, version, licence in HEADING.findall(text)}


def completed(text: str, wanted: list[Package], modules: Path) -> str:
    """What the bundler wrote, and the packages that it could not see.

    Raises:
        SystemExit: a package has no text of its licence.
    """
    there = listed(text)
    parts = [text.rstrip("\n")]
    for package in wanted:
        if package.name not in there:
            files = sorted((modules / package.name).glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
            if not files:
                sys.exit(f"{package.name} has no file with its licence")
            words = files[0].read_text(encoding="utf-8").strip()
            parts.append(f"## {package.name} - {package.version} ({package.licence})\n\n{words}")
    return "\n\n".join(parts) + "\n"


def sbom(wanted: list[Package]) -> dict[str, Any]:
    """A CycloneDX document of what is bundled, without time and place."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "analyticsops-report",
                                   "bom-ref": "analyticsops-report"}},
        "components": [component(package) for package in wanted],
        "dependencies": [
            {"ref": "analyticsops-report", "dependsOn": [purl(package) for package in wanted]}
        ],
    }  # fmt: skip


def component(package: Package) -> dict[str, Any]:
    """One package; its hash is that of the archive at the registry."""
    algorithm, _, digest = package.integrity.partition("-")
    return {
        "type": "library",
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version,
        "scope": "required",
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"),
                    "content": b64decode(digest).hex()}],
        "licenses": [{"license": {"id": package.licence}}],
        "purl": purl(package),
    }  # fmt: skip


def purl(package: Package) -> str:
    """Its package URL: https://github.com/package-url/purl-spec"""
    return f"pkg:npm/{quote(package.name, safe='/')}@{package.version}"


def main() -> None:
    """Complete the licences beside the page, and write the SBOM."""
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    wanted = list(packages(lock))
    text = completed(LICENCES.read_text("utf-8"), wanted, WEB / "node_modules")
    LICENCES.write_text(text, encoding="utf-8")
    SBOM.write_text(json.dumps(sbom(wanted), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
