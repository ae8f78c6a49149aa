"""A job, executed: the one function that the process calls that may be killed."""

from __future__ import annotations

from analyticsops.evidence.actual import execute_actual
from analyticsops.evidence.pair import Found, Job
from analyticsops.evidence.trial import execute_generated


def execute(job: Job) -> Found:
    """Run both versions of a job's models and compare."""
    return execute_actual(job, job.actual) if job.actual else execute_generated(job)
