"""Telling people and programs of incidents: what is due, in whose words, and how it gets there."""
