"""Both versions of a change, executed on the same data: what confirms or refutes a verdict."""
