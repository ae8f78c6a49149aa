"""Incidents over time: what happened to them, as files that never change, and what that means."""
