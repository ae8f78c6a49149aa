"""Does another sqlglot read the same SQL in another way? `make newest-sqlglot` asks.

What is golden is made by the pinned sqlglot in the same run, and not committed: a committed file
would differ after every change of our own, and what is asked is what *sqlglot* changed. What our
own code must find stands as text in `tests/cases/`, and is tested there.
"""
