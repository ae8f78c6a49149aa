"""Jinja's filters and tests, those that are safe, aware of unknown values and paid for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from jinja2 import pass_context
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.utils import _PassArg

from analyticsops.project.render.limits import STEP, size
from analyticsops.project.render.values import Unknown

_KEPT = """
    abs batch capitalize center count d default dictsort e escape first float forceescape format
    groupby indent int items join last length list lower map max min pprint reject rejectattr
    replace reverse round safe select selectattr slice sort string striptags sum title trim
    truncate unique upper urlencode wordcount wordwrap
""".split()  # noqa: SIM905

_WIDE = frozenset({"batch", "center", "indent", "slice", "truncate", "wordwrap"})
"""Filters whose numbers decide how long the result is."""


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` for a session: paid for, and unknown in gives unknown out."""
    wants = _PassArg.from_obj(function)

    @pass_context
    def guarded(context: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        for item in (value, *args, *kwargs.values()):
            if isinstance(item, Unknown):
                return Unknown(item.notes, f"{item.what}|{name}", item.why)
        pay(context, name, value, *args, *kwargs.values())
        if wants is _PassArg.context:
            return function(context, value, *args, **kwargs)
        if wants is _PassArg.eval_context:
            return function(context.eval_ctx, value, *args, **kwargs)
        if wants is _PassArg.environment:
            return function(context.environment, value, *args, **kwargs)
        return function(value, *args, **kwargs)

    return guarded


def pay(context: Any, name: str, value: Any, *args: Any) -> None:
    """Pay for one filter on one value."""
    budget = context.session.budget
    budget.spend(STEP + 8 * size(value))
    for item in (value, *args):
        budget.weigh(item)
    if name in _WIDE:
        budget.width(*args)
    elif name == "replace" and len(args) >= 2:
        budget.spend(str(value).count(str(args[0])) * len(str(args[1])))
    elif name == "format":
        longest = max(map(size, args), default=0)
        budget.spend(str(value).count("%") * longest)
        if any(len(digits) > 4 for digits in _numbers(str(value))) or "*" in str(value):
            budget.width(10**9)
    elif name == "join":
        budget.spend(size(args[0]) * size(value) if args else 0)


def _numbers(text: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text).split()


def _attr(context: Any, value: Any, name: str) -> Any:
    """``value|attr('x')`` is ``value.x``, through the same gate."""
    return context.environment.getattr(value, name)


def _same(value: Any) -> Any:
    """dbt's ``as_text``, ``as_bool``...: they mean something in YAML only."""
    return value


def _tojson(context: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
    """Jinja's filter escapes for HTML and sorts keys, unlike the function ``tojson``."""
    return JINJA_FILTERS["tojson"](context.eval_ctx, value, *args, **kwargs)


def _random(context: Any, _value: Any) -> Any:
    """A random element is not known."""
    return Unknown(context.session, "random", "is different every time")


def _test(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A test of an unknown value is unknown, so the condition tells."""
    wants = _PassArg.from_obj(function)

    @pass_context
    def guarded(context: Any, value: Any, *args: Any) -> Any:
        for item in (value, *args):
            if isinstance(item, Unknown):
                return Unknown(item.notes, f"{item.what} is {name}", item.why)
        for item in (value, *args):
            context.session.budget.weigh(item)
        if wants is _PassArg.environment:
            return function(context.environment, value, *args)
        return function(value, *args)

    return guarded


FILTERS: dict[str, Callable[..., Any]] = {
    name: _guarded(name, JINJA_FILTERS[name]) for name in _KEPT if name in JINJA_FILTERS
}
FILTERS |= {
    "attr": _guarded("attr", pass_context(_attr)),
    "tojson": _guarded("tojson", pass_context(_tojson)),
    "random": _guarded("random", pass_context(_random)),
    "is_list": _guarded("is_list", lambda value: isinstance(value, list)),
    **dict.fromkeys(("as_bool", "as_native", "as_number", "as_text"), _same),
}

TESTS: dict[str, Callable[..., Any]] = {
    name: _test(name, cast("Callable[..., Any]", function))
    for name, function in JINJA_TESTS.items()
    if name not in ("filter", "test")
}
