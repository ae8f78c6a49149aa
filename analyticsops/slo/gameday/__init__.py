"""Game days: faults put into a history, and what is told of them."""
