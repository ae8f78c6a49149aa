"""What a release consists of, and the proof that anybody can make the same bytes.

    python -m scripts.release build dist      wheel and sdist
    python -m scripts.release twice           elsewhere and in other circumstances: the same bytes?
    python -m scripts.release sbom dist       CycloneDX of what is installed with it, and bundled
    python -m scripts.release sums dist       SHA256SUMS of everything in it
    python -m scripts.release notes v0.1.0    what the changelog says of a tag, if it is the version

Builds need hatchling alone; the SBOM is made and judged by cyclonedx-bom (`make release-check`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent
BUNDLED = REPO / "web" / "sbom.cdx.json"

CIRCUMSTANCES: Sequence[tuple[int, Mapping[str, str]]] = (
    (0o022, {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"}),
    (0o077, {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4711"}),
)
"""umask and environment of the first and the second build."""


def epoch() -> str:
    """The moment of the commit, which is all that a build knows of time."""
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(
        command, cwd=REPO, check=True, capture_output=True, text=True
    ).stdout.strip()


def build(tree: Path, out: Path, environ: Mapping[str, str], umask: int = -1) -> list[Path]:
    """Build sdist and wheel of a source tree.

    Args:
        tree: with pyproject.toml.
        out: folder for both; made anew.
        environ: beside this process's own environment.
        umask: of the build; -1 for this process's own.

    Raises:
        SystemExit: hatchling refuses; with what it says.
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "sdist",
        "-t",
        "wheel",
        "-d",
        str(out),
    ]
    settings = {**os.environ, "SOURCE_DATE_EPOCH": epoch(), **environ}
    done = subprocess.run(
        command, cwd=tree, env=settings, umask=umask, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{tree}: {done.stdout}{done.stderr}")
    return sorted(out.iterdir())


def sources(tree: Path, moment: float, mode: int) -> None:
    """Copy what git knows of the work tree, with other times and other rights."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPO, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (REPO / name).is_file():
            copy = tree / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPO / name, copy)
            copy.chmod(mode)
            os.utime(copy, (moment, moment))


def twice(folder: Path) -> list[str]:
    """Build in two places, and the wheel once more from the sdist.

    Returns:
        one line for each difference; nothing if all bytes are the same.
    """
    built: list[list[Path]] = []
    for number, (umask, environ) in enumerate(CIRCUMSTANCES):
        # Deeper the second time: no path may go into a file.
        tree = folder.joinpath(*(["tree"] if number == 0 else ["other", "place", "tree"]))
        sources(tree, 1_000_000_000 + number * 7_654_321, (0o644, 0o600)[number])
        built.append(build(tree, folder / f"dist{number}", environ, umask))
    first, second = built
    lines = [
        f"{one.name}: {digest(one)} and {digest(other)}"
        for one, other in zip(first, second, strict=True)
        if one.name != other.name or digest(one) != digest(other)
    ]
    (archive,) = (file for file in first if file.name.endswith(".tar.gz"))
    shutil.unpack_archive(archive, folder / "unpacked", filter="data")
    (inside,) = (folder / "unpacked").iterdir()
    again = build(inside, folder / "dist-of-sdist", CIRCUMSTANCES[0][1])
    for one, other in zip(first, again, strict=True):
        if digest(one) != digest(other):
            lines.append(f"{one.name}: from the sdist {digest(other)}, not {digest(one)}")
    return lines


def digest(file: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    return sha256(file.read_bytes()).hexdigest()


def sbom(dist: Path) -> Path:
    """CycloneDX of what installing the wheel of a folder brings, at the locked versions.

    What is bundled from npm is in it as well. Judged by CycloneDX's own schema.

    Raises:
        SystemExit: there is not one wheel, or the schema refuses the document.
    """
    wheels = list(dist.glob("*.whl"))
    if len(wheels) != 1:
        sys.exit(f"{dist}: one wheel was expected, there are {len(wheels)}")
    with tempfile.TemporaryDirectory() as folder:
        run("uv", "venv", "--quiet", "--python", sys.executable, folder)
        python = Path(folder) / "bin" / "python"
        run("uv", "pip", "install", "--quiet", "--python", python, "-c", REPO / "constraints.txt",
            wheels[0])  # fmt: skip
        made = Path(folder) / "sbom.json"
        run("cyclonedx-py", "environment", python, "--pyproject", REPO / "pyproject.toml",
            "--mc-type", "library", "--spec-version", "1.6", "--output-reproducible",
            "--output-file", made)  # fmt: skip
        document = json.loads(made.read_text("utf-8"))
    name, release, *_ = wheels[0].name.split("-")
    document["metadata"]["component"] |= {
        "version": release,
        "purl": f"pkg:pypi/{name}@{release}",
        "hashes": [{"alg": "SHA-256", "content": digest(wheels[0])}],
    }
    with_bundled(document, json.loads(BUNDLED.read_text("utf-8")))
    file = dist / f"{name}-{release}.cdx.json"
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    refuse_invalid(text)
    file.write_text(text, encoding="utf-8")
    return file


def with_bundled(document: dict[str, Any], bundled: Mapping[str, Any]) -> None:
    """Put the bundled components into a document: our package depends on them."""
    root = document["metadata"]["component"]["bom-ref"]
    # The tool lists what is installed, and that is the package itself as well.
    name = document["metadata"]["component"]["name"]
    gone = {found["bom-ref"] for found in document["components"] if found["name"] == name}
    document["components"] = [c for c in document["components"] if c["bom-ref"] not in gone]
    document["components"] += bundled["components"]
    known = {entry["ref"]: entry for entry in document["dependencies"] if entry["ref"] not in gone}
    entry = known.setdefault(root, {"ref": root})
    refs = [component["bom-ref"] for component in bundled["components"]]
    entry["dependsOn"] = sorted({*entry.get("dependsOn", ()), *refs} - gone)
    document["dependencies"] = sorted(known.values(), key=lambda one: str(one["ref"]))
    document["dependencies"] += [{"ref": ref} for ref in refs]


def refuse_invalid(text: str) -> None:
    """Ask CycloneDX's JSON Schema.

    Raises:
        SystemExit: with what it says.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    for document in (text, BUNDLED.read_text("utf-8")):
        wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(document)
        if wrong:
            sys.exit(f"no valid CycloneDX document: {wrong}")


def sums(dist: Path) -> Path:
    """Write SHA256SUMS, as `sha256sum --check` reads it."""
    file = dist / "SHA256SUMS"
    files = sorted(one for one in dist.iterdir() if one != file)
    file.write_text("".join(f"{digest(one)}  {one.name}\n" for one in files), encoding="utf-8")
    return file


def notes(tag: str, version: str, changelog: str) -> str:
    """The section of a changelog for a tag.

    Raises:
        SystemExit: the tag is not that of the version, or the changelog has no such section, or
            calls it unreleased.
    """
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag}, and the version {version} in analyticsops/__init__.py")
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        heading, _, words = section.partition("\n")
        if heading.split()[0] == version and "unreleased" not in heading:
            return words.strip() + "\n"
    sys.exit(f"CHANGELOG.md has no section {version} with a date")


def run(tool: str, *words: str | Path) -> None:
    """Run a tool that stands beside this Python."""
    subprocess.run([Path(sys.executable).parent / tool, *words], check=True)


def main(words: Sequence[str]) -> int:
    """One of the commands above."""
    match words:
        case ["build", dist]:
            made = build(REPO, Path(dist).resolve(), {})
            print("\n".join(f"{digest(file)}  {file.name}" for file in made))
        case ["twice"]:
            with tempfile.TemporaryDirectory() as folder:
                wrong = twice(Path(folder))
            print("\n".join(wrong) or "two builds and one from the sdist: the same bytes")
            return int(bool(wrong))
        case ["sbom", dist]:
            print(sbom(Path(dist)))
        case ["notes", tag]:
            text = (REPO / "analyticsops" / "__init__.py").read_text("utf-8")
            (version,) = re.findall(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
            print(notes(tag, version, (REPO / "CHANGELOG.md").read_text("utf-8")), end="")
        case ["sums", dist]:
            print(sums(Path(dist)).read_text("utf-8"), end="")
        case _:
            sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
