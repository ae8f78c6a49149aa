"""The environment in which templates of strangers run.

Everything is denied unless it is listed: attributes of Python's types in a table,
attributes of our own objects by their ``exposed``. There is no loader, so no
template can read a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from types import MethodType
from typing import Any, Protocol, runtime_checkable

from jinja2 import Template, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment, SandboxedFormatter
from jinja2.utils import Cycler, Joiner, Namespace, missing

from analyticsops.project.render.attributes import ATTRIBUTES
from analyticsops.project.render.filters import FILTERS, TESTS
from analyticsops.project.render.language import DbtBlocks, DbtParser, MeteredCode
from analyticsops.project.render.limits import SOURCE_LIMIT, STEP, Budget, LimitError, size
from analyticsops.project.render.values import Exposed, Notes, Unknown

_PADDING = frozenset({"center", "expandtabs", "ljust", "rjust", "zfill"})
_WIDE = re.compile(r"\d{5,}")


class Session(Notes, Protocol):
    """What the environment needs of the rendering session."""

    budget: Budget

    def lookup(self, name: str) -> Any:
        """The value of a free name, or jinja's ``missing``."""


@runtime_checkable
class Answering(Protocol):
    """Has functions that are objects in dbt, with attributes of their own."""

    def of_function(self, function: str, attribute: str) -> Any:
        """The value of ``function.attribute``."""


class DbtContext(Context):
    """Free names are looked up in the session, when they are needed."""

    session: Session

    def resolve_or_missing(self, key: str) -> Any:
        """As jinja, with the session as the outermost scope."""
        if key in self.vars:
            return self.vars[key]
        if key in self.parent:
            return self.parent[key]
        found = self.session.lookup(key)
        return GLOBALS.get(key, missing) if found is missing else found

    def derived(self, locals: dict[str, Any] | None = None) -> Context:  # noqa: A002
        """A copy with more names; belongs to the same session."""
        known = {k: v for k, v in (locals or {}).items() if v is not missing}
        return start(self.session, {**self.parent, **self.vars, **known})

    def tick(self) -> None:
        """Pay for a turn of a loop or a call of a macro."""
        self.session.budget.spend(STEP)

    def weighed(self, value: Any) -> Any:
        """Pay for a value that is compared or hashed."""
        return self.session.budget.weigh(value)

    def within(self, item: Any, container: Any) -> bool:
        """``a in b``."""
        if isinstance(item, Unknown) and isinstance(container, str):
            item.used("looks for")
            return False
        return item in container

    def without(self, item: Any, container: Any) -> bool:
        """``a not in b``."""
        return not self.within(item, container)

    def joined(self, parts: Iterable[Any]) -> str:
        """``a ~ b``."""
        texts = [written(self, part) for part in parts]
        return "".join(map(str, texts))

    def sliced(self, value: Any) -> Any:
        """Pay for a copy of a sequence."""
        if isinstance(value, (str, list, tuple)):
            self.session.budget.spend(len(value))
        return value


@pass_context
def written(context: DbtContext, value: Any) -> Any:
    """Pay for a value that becomes text."""
    if type(value) is str:
        if len(value) > STEP:
            context.session.budget.spend(len(value))
        return value
    return context.session.budget.weigh(value)


class DbtEnvironment(SandboxedEnvironment):
    """Jinja as dbt speaks it, in a sandbox that denies what it does not know."""

    code_generator_class = MeteredCode
    context_class = DbtContext
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", DbtBlocks],
            finalize=written,
            cache_size=0,
            optimized=False,
        )
        self.filters = dict(FILTERS)
        self.tests = dict(TESTS)
        self.globals = {}

    def _parse(self, source: str, name: str | None, filename: str | None) -> Any:
        return DbtParser(self, source, name, filename).parse()

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``obj.attribute``: a listed attribute, else an element, else undefined."""
        if isinstance(obj, Exposed):
            return self._exposed(obj, attribute)
        if self._allowed(obj, attribute):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        if isinstance(obj, MethodType) and isinstance(obj.__self__, Answering):
            return obj.__self__.of_function(obj.__name__, attribute)
        try:
            return obj[attribute]
        except (TypeError, LookupError):
            self._denied(obj, attribute)
            return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``obj[argument]``: an element, else a listed attribute, else undefined."""
        if isinstance(obj, Unknown):
            return obj.item(argument)
        try:
            return obj[argument]
        except (TypeError, LookupError, AttributeError):
            if not isinstance(argument, str):
                return self.undefined(obj=obj, name=argument)
        if isinstance(obj, Exposed):
            return self._exposed(obj, argument)
        if self._allowed(obj, argument):
            return getattr(obj, argument)
        self._denied(obj, argument)
        return self.undefined(obj=obj, name=argument)

    def _exposed(self, obj: Exposed, attribute: str) -> Any:
        try:
            return obj.attribute(attribute)
        except (AttributeError, LookupError):
            return self.undefined(obj=obj, name=attribute)

    def _allowed(self, obj: Any, attribute: str) -> bool:
        if isinstance(obj, (Namespace, Undefined)):
            return not attribute.startswith("_")
        return any(attribute in ATTRIBUTES.get(kind, ()) for kind in type(obj).__mro__)

    def _denied(self, obj: Any, attribute: str) -> None:
        """An attribute that exists but is not listed is refused, not undefined."""
        if hasattr(type(obj), attribute) or hasattr(obj, attribute):
            raise SecurityError(f"{type(obj).__name__}.{attribute} is not allowed in a template")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """For jinja's own helpers that ask."""
        return self._allowed(obj, attr)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic, paid for before it is done."""
        if isinstance(left, Unknown):
            return left
        if isinstance(right, Unknown) and not (operator == "%" and isinstance(left, str)):
            return right
        budget: Budget = context.session.budget
        if operator == "*":
            budget.product(left, right)
        elif operator == "**":
            budget.power(left, right)
        elif operator == "+" and isinstance(left, (str, list, tuple)):
            budget.spend(len(left) + size(right))
        elif operator == "%" and isinstance(left, str):
            pay_for_format(budget, left, "%", right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """Any call in a template."""
        budget: Budget = __context.session.budget
        budget.spend(STEP)
        for value in args:
            budget.weigh(value)
        for name, value in kwargs.items():
            if not name.startswith("_"):  # jinja's own, such as _loop_vars
                budget.weigh(value)
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str):
            return __self._text_method(__context, owner, __obj, args, kwargs)
        if isinstance(owner, (list, dict)):
            budget.spend(len(owner) // 8)
            if __obj.__name__ in ("count", "index", "remove", "sort"):
                budget.weigh(owner)
        return super().call(__context, __obj, *args, **kwargs)

    def _text_method(
        self, context: Any, text: str, method: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        budget: Budget = context.session.budget
        budget.spend(len(text))
        name = method.__name__
        if name in ("format", "format_map"):
            pay_for_format(budget, text, "{", (*args, *kwargs.values()))
            kwargs = {k: v for k, v in kwargs.items() if not k.startswith("_")}
            if name == "format_map" and args:
                return _Formatter(self).vformat(text, (), dict(args[0]))
            return _Formatter(self).vformat(text, args, kwargs)
        if name in _PADDING:
            budget.width(*args, *kwargs.values())
        elif name == "replace":
            pay_for_replace(budget, text, *args)
        elif name == "join" and args:
            parts = [str(p) if isinstance(p, Unknown) else p for p in args[0]]
            budget.spend(sum(len(p) + len(text) for p in parts if isinstance(p, str)))
            args = (parts, *args[1:])
        return super().call(context, method, *args, **kwargs)

    def compiled(self, source: str) -> Template:
        """A template that may be used for many sessions.

        Raises:
            LimitError: the source is too long.
        """
        if len(source) > SOURCE_LIMIT:
            raise LimitError(f"the template is longer than {SOURCE_LIMIT:,} characters")
        return self.from_string(source)


class _Formatter(SandboxedFormatter):
    """``str.format`` through the sandbox, without giant widths."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if _WIDE.search(format_spec):
            raise LimitError("a format with a width of more than four digits")
        return str(super().format_field(value, format_spec))


def pay_for_format(budget: Budget, text: str, mark: str, values: Any) -> None:
    """Pay for a text in which every ``mark`` may become the longest value."""
    budget.weigh(values)
    if mark == "%" and (_WIDE.search(text) or "*" in text):
        raise LimitError("a format with a width of more than four digits")
    items = values if isinstance(values, tuple) else (values,)
    longest = max(map(size, items), default=0)
    budget.spend(len(text) + text.count(mark) * longest)


def pay_for_replace(budget: Budget, text: str, *args: Any) -> None:
    """Pay for ``text.replace(old, new)``."""
    if len(args) >= 2 and isinstance(args[0], str) and isinstance(args[1], str):
        budget.spend(text.count(args[0]) * len(args[1]))


def _range(context: DbtContext, *args: int) -> range:
    found = range(*args)
    try:
        context.session.budget.spend(len(found))
    except OverflowError:
        raise LimitError("a range that is too long") from None
    return found


GLOBALS: dict[str, Any] = {
    "range": pass_context(_range),
    "dict": dict,
    "namespace": Namespace,
    "cycler": Cycler,
    "joiner": Joiner,
}
"""Jinja's own functions, without ``lipsum``, which is random."""

ENVIRONMENT = DbtEnvironment()


@lru_cache(maxsize=8192)
def macro_template(source: str) -> Template:
    """The compiled text of a macro; the same text is compiled once in a process."""
    return ENVIRONMENT.compiled(source)


@lru_cache(maxsize=512)
def template(source: str) -> Template:
    """The compiled text of something else. That of a model is rendered twice in a row if
    it has two branches, that of a var or of a generic test for thousands of nodes."""
    return ENVIRONMENT.compiled(source)


def start(session: Session, names: dict[str, Any] | None = None) -> DbtContext:
    """A context of ``session`` in which a template can run."""
    context = DbtContext(ENVIRONMENT, names or {}, None, {})
    context.session = session
    return context
