"""What was observed of an objective: time or events, good, bad and unknown."""
