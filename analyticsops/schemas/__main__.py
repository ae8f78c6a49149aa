"""Write the schema files again: ``python -m analyticsops.schemas``."""

from __future__ import annotations

from pathlib import Path

from analyticsops.schemas import generate

for name, text in generate():
    Path(__file__).with_name(name).write_text(text, encoding="utf-8")
