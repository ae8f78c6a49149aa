"""dbt's dialect of Jinja: its block tags, its macro names, and our meter in the loops."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.ext import Extension
from jinja2.parser import Parser

PREFIX = "dbt_macro__"
"""dbt renames every macro, so that a name in a template means dbt's namespace and not
the macro beside it; the same is done here, for the same lookups."""


class DbtParser(Parser):
    """Jinja's parser with renamed macros and typed macro parameters."""

    def parse_macro(self) -> nodes.Macro:
        """``{% macro name(a: string, b=1) %}``."""
        node = nodes.Macro(lineno=next(self.stream).lineno)
        node.name = PREFIX + self.parse_assign_target(name_only=True).name
        self.parse_signature(node)
        node.body = self.parse_statements(("name:endmacro",), drop_needle=True)
        return node

    def parse_signature(self, node: Any) -> None:
        """Parameters, whose type annotations are read and dropped, as dbt does."""
        node.args, node.defaults = [], []
        self.stream.expect("lparen")
        while self.stream.current.type != "rparen":
            if node.args:
                self.stream.expect("comma")
            arg = self.parse_assign_target(name_only=True)
            arg.set_ctx("param")
            if self.stream.skip_if("colon"):
                self._skip_type()
            if self.stream.skip_if("assign"):
                node.defaults.append(self.parse_expression())
            elif node.defaults:
                self.fail("non-default argument follows default argument")
            node.args.append(arg)
        self.stream.expect("rparen")

    def _skip_type(self) -> None:
        self.stream.expect("name")
        if self.stream.skip_if("lbracket"):
            while self.stream.current.type != "rbracket":
                self._skip_type()
                self.stream.skip_if("comma")
            self.stream.expect("rbracket")


class DbtBlocks(Extension):
    """Block tags that dbt adds to Jinja."""

    tags = {"docs", "materialization", "snapshot", "test"}  # noqa: RUF012

    def parse(self, parser: Any) -> nodes.Node | list[nodes.Node]:
        """Definitions become macros; a snapshot is its body."""
        token = next(parser.stream)
        name = parser.parse_assign_target(name_only=True).name
        end = (f"name:end{token.value}",)
        if token.value == "snapshot":
            found: list[nodes.Node] = parser.parse_statements(end, drop_needle=True)
            return found
        node = nodes.Macro(lineno=token.lineno)
        node.args, node.defaults = [], []
        node.name = f"{PREFIX}{token.value}_{name}"
        if token.value == "test":
            parser.parse_signature(node)
        elif token.value == "materialization":
            _skip_options(parser)
        node.body = parser.parse_statements(end, drop_needle=True)
        return node


def _skip_options(parser: Any) -> None:
    """``, adapter='x'`` and ``, supported_languages=[...]``: never run here."""
    while parser.stream.skip_if("comma"):
        parser.parse_assign_target(name_only=True)
        if parser.stream.skip_if("assign"):
            parser.parse_expression()


class MeteredCode(CodeGenerator):
    """Generates code that pays for loops, calls, joined texts and comparisons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._metered: set[int] = set()

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802
        """Every turn of a loop pays."""
        self._metered.add(id(node.body))
        super().visit_For(node, frame)

    def macro_body(
        self, node: nodes.Macro | nodes.CallBlock, frame: Frame
    ) -> tuple[Frame, MacroRef]:
        """Every call of a macro pays."""
        self._metered.add(id(node.body))
        return super().macro_body(node, frame)

    def blockvisit(self, nodes: Any, frame: Frame) -> None:
        """Write the meter at the head of a metered body."""
        if id(nodes) in self._metered:
            self.writeline("context.tick()")
        super().blockvisit(nodes, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """``a ~ b``."""
        self.write("context.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        """``a == b``, ``a in b``: the operands are weighed first."""
        if len(node.ops) == 1 and node.ops[0].op in ("in", "notin"):
            self._membership(node.expr, node.ops[0], frame)
            return
        self.write("(")
        self._weighed(node.expr, frame)
        for operand in node.ops:
            self.visit(operand, frame)
        self.write(")")

    def _membership(self, item: nodes.Expr, operand: nodes.Operand, frame: Frame) -> None:
        """``a in b`` by a method, because a text refuses to look for an unknown value."""
        self.write("context.without(" if operand.op == "notin" else "context.within(")
        self._weighed(item, frame)
        self.write(", ")
        self._weighed(operand.expr, frame)
        self.write(")")

    def visit_Operand(self, node: nodes.Operand, frame: Frame) -> None:  # noqa: N802
        """The right side of a comparison."""
        self.write(f" {_OPERATORS[node.op]} ")
        self._weighed(node.expr, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        """``{key: value}``: keys are hashed, so they are weighed."""
        self.write("{")
        for pair in node.items:
            self._weighed(pair.key, frame)
            self.write(": ")
            self.visit(pair.value, frame)
            self.write(", ")
        self.write("}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """``a[key]``, whose key is hashed, and ``a[1:]``, which copies."""
        if isinstance(node.arg, nodes.Slice):
            self.write("context.sliced(")
            self.visit(node.node, frame)
            self.write(")[")
            self.visit(node.arg, frame)
            self.write("]")
            return
        self.write("environment.getitem(")
        self.visit(node.node, frame)
        self.write(", ")
        self._weighed(node.arg, frame)
        self.write(")")

    def _weighed(self, node: nodes.Expr, frame: Frame) -> None:
        if isinstance(node, nodes.Const):
            self.visit(node, frame)
            return
        self.write("context.weighed(")
        self.visit(node, frame)
        self.write(")")


_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gteq": ">=",
    "lt": "<",
    "lteq": "<=",
    "in": "in",
    "notin": "not in",
}
