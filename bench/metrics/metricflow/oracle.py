"""What MetricFlow makes of questions. Runs in its own environment, and imports nothing of ours.

python oracle.py PROJECT QUESTIONS.json ANSWERS.json
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    project, questions, answers = (Path(argument).resolve() for argument in sys.argv[1:4])
    os.chdir(project)
    os.environ["DBT_PROFILES_DIR"] = str(project)
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    configuration = CLIConfiguration()
    configuration.setup()
    found = []
    for question in json.loads(questions.read_text()):
        request = MetricFlowQueryRequest.create(
            metric_names=question["metrics"],
            group_by_names=question["by"],
            where_constraints=question["where"] or None,
        )
        try:
            sql = configuration.mf.explain(request).sql_statement.sql
            found.append({**question, "sql": sql})
        except Exception as refusal:
            found.append({**question, "refused": " ".join(str(refusal).split())[:200]})
    answers.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
