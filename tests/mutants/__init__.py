"""Mutation testing: would a test notice if this line said something else?

``python -m tests.mutants slo`` makes mutants of `analyticsops/slo` with the operators of mutmut and
runs, for each, the tests that call the mutated function, the quickest first, until one fails.
mutmut itself starts pytest anew for each mutant; here everything is imported and collected once,
and a fork for each mutant swaps the code of one function.

* ``making``: mutants of a file, by mutmut's operators, in an environment of its own;
* ``hunting``: a plugin of pytest that runs them;
* ``equivalent``: mutants that no test can notice, with the reason, in ``equivalent.txt``.
"""
