"""The report in a browser: how large it is, and how long a reader waits."""
