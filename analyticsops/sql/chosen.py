"""Which columns of its sources a star, ``* LIKE ...`` or ``COLUMNS(...)`` stands for.

Here are only names: what the choice says of a column's name, and what it calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from typing import NamedTuple

from sqlglot import exp

_PATTERNS = (exp.Like, exp.ILike, exp.SimilarTo, exp.Glob)
"""``* LIKE 'a%'`` and its kin."""

Test = Callable[[str], bool]
"""True for the names that are chosen."""


class Choice(NamedTuple):
    """A star and what narrows it.

    Attributes:
        star: ``*`` or ``t.*``, with EXCLUDE, REPLACE and RENAME.
        fits: True for the names of chosen columns.
        pattern: a regular expression whose groups an alias may use.
        by_text: it looks at how the column is written, which is its name unless it is computed.
    """

    star: exp.Expression
    fits: Test
    pattern: re.Pattern[str] | None = None
    by_text: bool = False


def is_plain_star(node: exp.Expression) -> bool:
    """True for ``*`` and ``t.*``."""
    return isinstance(node, exp.Star) or (
        isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
    )


def is_patterned_star(node: exp.Expression) -> bool:
    """True for ``* LIKE 'a%'`` and ``* NOT LIKE 'a%'``, however the parser writes NOT."""
    inner = node.this if isinstance(node, exp.Not) else node
    return isinstance(inner, _PATTERNS) and is_plain_star(inner.this)


def choice_of(node: exp.Expression) -> Choice | None:
    """What a star in any form chooses; None if that cannot be told from the text."""
    if is_plain_star(node):
        return Choice(node, _ilike(node))
    if is_patterned_star(node):
        return _patterned(node)
    if isinstance(node, exp.Columns):
        return _of_columns(node.this)
    return None


def _ilike(star: exp.Expression) -> Test:
    """``* ILIKE '%id%'`` of Snowflake."""
    inner = star.this if isinstance(star, exp.Column) else star
    pattern = inner.args.get("ilike")
    if not isinstance(pattern, exp.Literal):
        return everything
    expression = _like(pattern.name, re.IGNORECASE)
    return lambda name: expression.fullmatch(name) is not None


def _patterned(node: exp.Expression) -> Choice | None:
    inner = node.this if isinstance(node, exp.Not) else node
    test = _matching(inner, inner.expression)
    if test is None:
        return None
    negated = isinstance(node, exp.Not) or bool(inner.args.get("negate"))
    fits = (lambda name: not test(name)) if negated else test
    return Choice(inner.this, fits, by_text=not isinstance(inner, exp.SimilarTo))


def _matching(node: exp.Expression, pattern: exp.Expression | None) -> Test | None:
    """The test that a LIKE or its kin makes; None if its pattern is no text."""
    if pattern is None or not is_text(pattern):
        return None
    text = pattern.name
    try:
        if isinstance(node, exp.Glob):
            expression = re.compile(translate(text))
        elif isinstance(node, (exp.SimilarTo, exp.RegexpLike)):
            expression = re.compile(text)
        else:
            flags = re.IGNORECASE if isinstance(node, exp.ILike) else re.NOFLAG
            expression = _like(text, flags)
    except re.error:
        return None
    return lambda name: expression.fullmatch(name) is not None


def _of_columns(chosen: exp.Expression) -> Choice | None:
    """``COLUMNS('regex')``, ``COLUMNS(['a', 'b'])``, ``COLUMNS(* EXCLUDE ...)``,
    ``COLUMNS(lambda c: c LIKE 'a%')``, ``COLUMNS([c for c in (*) if c LIKE 'a%'])``."""
    if is_plain_star(chosen):
        return Choice(chosen, everything)
    if is_text(chosen):
        try:
            pattern = re.compile(chosen.name)
        except re.error:
            return None
        return Choice(exp.Star(), lambda name: pattern.search(name) is not None, pattern)
    names = _names_in(chosen)
    if names is not None:
        return Choice(exp.Star(), lambda name: name.lower() in names)
    test = _condition(chosen)
    return Choice(exp.Star(), test, by_text=True) if test is not None else None


def _names_in(node: exp.Expression) -> set[str] | None:
    """The names in ``COLUMNS(['a', 'b'])``."""
    if not isinstance(node, exp.Array) or not all(is_text(item) for item in node.expressions):
        return None
    return {item.name.lower() for item in node.expressions}


def _condition(node: exp.Expression) -> Test | None:
    """The condition of a lambda or list comprehension over the names."""
    if isinstance(node, exp.Lambda) and len(node.expressions) == 1:
        return _test(node.this, node.expressions[0].name)
    only = node.expressions[0] if isinstance(node, exp.Array) and node.expressions else None
    if not isinstance(only, exp.Comprehension) or len(node.expressions) != 1:
        return None
    variable = only.expression.name
    condition = only.args.get("condition")
    if only.this.name != variable or not isinstance(only.args["iterator"].unnest(), exp.Star):
        return None
    return everything if condition is None else _test(condition, variable)


def _test(node: exp.Expression, variable: str) -> Test | None:
    """A condition on a name as a function of it; None if it says anything else."""
    node = node.unnest()
    if isinstance(node, (exp.And, exp.Or)):
        left, right = _test(node.left, variable), _test(node.right, variable)
        if left is None or right is None:
            return None
        if isinstance(node, exp.And):
            return lambda name: left(name) and right(name)
        return lambda name: left(name) or right(name)
    if isinstance(node, exp.Not):
        inner = _test(node.this, variable)
        return None if inner is None else lambda name: not inner(name)
    found = _simple(node) if node.this is not None and node.this.name == variable else None
    if found is None or not node.args.get("negate"):
        return found
    return lambda name: not found(name)


def _simple(node: exp.Expression) -> Test | None:
    if isinstance(node, (*_PATTERNS, exp.RegexpLike)):
        return _matching(node, node.expression)
    if isinstance(node, (exp.EQ, exp.NEQ)) and is_text(node.expression):
        return lambda name: (name == node.expression.name) is isinstance(node, exp.EQ)
    if isinstance(node, exp.In) and node.expressions and all(map(is_text, node.expressions)):
        names = {item.name for item in node.expressions}
        return lambda name: name in names
    return None


def _like(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    expression = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.compile(expression, flags | re.DOTALL)


def everything(_name: str) -> bool:
    """What a star without a pattern chooses."""
    return True


def is_text(node: object) -> bool:
    """True for a text literal."""
    return isinstance(node, exp.Literal) and bool(node.is_string)


def columns_in(node: exp.Expression) -> Iterator[exp.Columns]:
    """The ``COLUMNS(...)`` of an expression, but for those unpacked into arguments."""
    return (found for found in node.find_all(exp.Columns) if not found.args.get("unpack"))
