"""Every command, in every format, judged by what reads it."""
