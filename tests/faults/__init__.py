"""Commands that are killed, artifacts that change while they are read, clocks that jump."""
