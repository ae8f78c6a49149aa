"""Objectives, and how they stand, in the formats of other tools."""
