"""What findings say, in files that a person can read, beside the cases: ``*said.txt``.

After a wanted change write the files again, and read the difference in git:

    GOLDEN=write python -m pytest tests/changes/test_cases.py tests/checks tests/metrics
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from analyticsops.catalogue import RULES
from analyticsops.findings import Affected, Finding, Migration, Proof
from tests.golden import is_written_anew

ADVICE = {rule.code: rule.advice for rule in RULES}
_HEADING = "## "


def said(findings: Iterable[Finding]) -> str:
    """All that findings tell, but what their rule says of itself.

    The hexadecimal number is the fingerprint: a baseline written by an earlier version holds it.
    """
    return "".join(f"{line}\n" for finding in findings for line in _lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    about = f"{finding.subject} [{finding.column}]" if finding.column else finding.subject
    yield f"{finding.severity} {finding.rule} {finding.name}: {about} ({finding.fingerprint})"
    yield f"  {finding.message}"
    yield f"  at: {finding.location}; {finding.node or 'no node'}"
    proof = "" if finding.proof is Proof.PROVED else f" {finding.proof}"
    told = f"{proof} {finding.direction} {finding.stability or ''}".split()
    yield f"  is: {', '.join(told)}{f'; of {finding.owner}' if finding.owner else ''}"
    if finding.fix != ADVICE[finding.rule]:
        yield from _indented("fix", finding.fix)
    for name, facts in (("because", finding.evidence), ("assumes", finding.assumptions)):
        for fact in facts:
            yield from _indented(name, fact)
    for hit in finding.affected:
        yield f"  hits: {_hit(hit)}"
    for step in finding.migration:
        yield from _indented(*_step(step))


def _hit(hit: Affected) -> str:
    columns = f".{'+'.join(hit.columns)}" if hit.columns else ""
    owner = f" of {hit.owner}" if hit.owner else ""
    rows = " and its rows" if hit.rows else ""
    way = f", by {' > '.join(hit.path)}" if hit.path else ""
    return f"{hit.kind} {hit.name}{columns}{owner}: {hit.via}{rows}{way}"


def _step(step: Migration) -> tuple[str, str]:
    return step.step, f"{step.path}\n{step.text}" if step.path else step.text


def _indented(name: str, text: str) -> Iterator[str]:
    first, *others = text.splitlines() or [""]
    yield f"  {name}: {first}".rstrip()
    yield from (f"    {line}".rstrip() for line in others)


class Said:
    """A file of what was said in cases, each under a heading of its own.

    Args:
        names: of all its cases, in the order of the file.
    """

    def __init__(self, path: Path, names: Iterable[str]) -> None:
        self.path, self.names = path, list(names)

    def kept(self) -> dict[str, str]:
        """What stands in the file, by case."""
        text = self.path.read_text("utf-8") if self.path.is_file() else ""
        parts = text.split(f"\n{_HEADING}") if text else []
        pairs = (part.removeprefix(_HEADING).split("\n", 1) for part in parts)
        return {name: f"{lines.strip()}\n".lstrip() for name, lines in pairs}

    def holds(self, name: str, findings: Iterable[Finding]) -> None:
        """The file says of a case what its findings say."""
        made = said(findings)
        if is_written_anew():
            kept = {**self.kept(), name: made}
            parts = [f"{_HEADING}{name}\n{kept[name]}" for name in self.names if name in kept]
            self.path.write_text("\n".join(parts), "utf-8")
        assert made == self.kept()[name]
