"""What the README promises of every command: no network, no stray writes, the same bytes."""
