"""Findings become bytes: one file per output format, all of them pure functions.

Every word from outside (names, messages, paths) passes through exactly one encoder
of :mod:`analyticsops.report.encode` on its way into a format.
"""
