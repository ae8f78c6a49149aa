"""sqlglot's parser alone: the floor under everything that is written in it.

``SQLGLOT_GC=off`` in the environment switches the cycle collector off.
"""

from __future__ import annotations

import gc
import os

import sqlglot

from bench.lineage.runners import run
from bench.lineage.runners.project import Model, Project

if os.environ.get("SQLGLOT_GC") == "off":
    gc.disable()


def parse(project: Project, model: Model) -> run.Found:
    """Nothing is found; the syntax tree is made and let go."""
    sqlglot.parse_one(model.sql, dialect=project.dialect)
    return {}


if __name__ == "__main__":
    run.main(run.each(parse))
