"""Resolves metrics through measures, dimensions, joins and models to their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from analyticsops.lineage.meanings import Asked, TableMeanings
from analyticsops.metrics.definitions import Aggregation, Definition, Input
from analyticsops.metrics.filters import Reference
from analyticsops.metrics.instances import Instance, Trouble, instance
from analyticsops.metrics.meaning import MEANING, Leaf, MetricMeaning
from analyticsops.metrics.parts import (
    Part,
    aggregation_text,
    as_table,
    defined,
    form,
    opaque,
    semi_additive,
    together,
    unknown,
)
from analyticsops.metrics.semantic_layer import SemanticLayer
from analyticsops.sql.facts import Problem
from analyticsops.sql.forms import Forms, digest
from analyticsops.sql.meaning import About, Meaning, Side

_HARMLESS = ("time", "join")
"""What is wrong and yet understood: no time axis, a way that multiplies rows."""


class Resolver:
    """Resolves the metrics of one project.

    Args:
        definitions: by name.
        identity: what a table at the far end is, beyond its id: the content of a seed.
        spine: what the time spine means.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        layer: SemanticLayer,
        tables: TableMeanings,
        identity: Mapping[str, str],
        spine: str,
    ) -> None:
        self._definitions = definitions
        self._layer = layer
        self._tables = tables
        self._identity = identity
        self._spine = spine
        self._answers: dict[Asked, Meaning | Problem] = {}
        self._wanted: dict[Asked, None] = {}
        self._parts: dict[tuple[str, tuple[str, ...]], Part] = {}
        self._open: list[str] = []

    def resolve(self) -> dict[str, MetricMeaning]:
        """The meaning of every metric, by name: as many rounds of questions as metrics
        stand on each other."""
        found: dict[str, MetricMeaning] = {}
        while len(found) < len(self._definitions):
            for name, definition in self._definitions.items():
                if name not in found and (part := self._part(name, ())) is not None:
                    found[name] = self._whole(definition, part)
            self._ask()
        return found

    def _ask(self) -> None:
        asked = {str(place): question for place, question in enumerate(self._wanted)}
        for place, answer in self._tables.ask(asked).items():
            self._answers[asked[place]] = answer
        self._wanted.clear()

    def _need(self, *questions: Asked) -> list[Meaning | Problem] | None:
        """The answers; None if some must be asked for first."""
        missing = [question for question in questions if question not in self._answers]
        self._wanted.update(dict.fromkeys(missing))
        return None if missing else [self._answers[question] for question in questions]

    def _whole(self, definition: Definition, part: Part) -> MetricMeaning:
        names = sorted(
            {name.partition("@")[0] for name in part.tables} & self._tables.graph.nodes.keys()
        )
        ends = [
            name for name in names if self._layer.project.nodes[name].kind in ("source", "seed")
        ]
        sources = [f"{name} {self._identity.get(name, '')}" for name in ends]
        levels = {
            "definition": digest(self._defined(definition)),
            "value": digest(part.value),
            "rows": digest(part.rows),
            "time": digest(part.time),
            "sources": digest("\n".join(sources)),
        }
        meant = digest(" ".join(levels[level] for level in MEANING))
        return MetricMeaning(
            levels=levels,
            fingerprint=f"m2:{meant[:16]}",
            tables=tuple(ends),
            opaque=tuple(dict.fromkeys(part.opaque)),
            troubles=tuple(dict.fromkeys(part.troubles)),
            leaves=part.leaves,
        )

    def _defined(self, definition: Definition) -> str:
        """Its own text, and those of the measures that it names."""
        measures = [self._layer.measure(part.name) for part in definition.inputs
                    if part.role.startswith("measure")]  # fmt: skip
        own = [aggregation_text(measure) for measure in measures if measure is not None]
        return "\n".join((defined(definition), *own))

    # -- one metric under filters --------------------------------------------------------

    def _part(self, name: str, filters: tuple[str, ...]) -> Part | None:
        """None if questions must be answered first."""
        definition = self._definitions.get(name)
        if definition is None:
            return unknown(Trouble("metric", f"there is no metric {name}", name))
        if name in self._open:
            ring = " -> ".join((*self._open[self._open.index(name) :], name))
            return unknown(Trouble("cycle", f"is computed from itself: {ring}", ring))
        key = (name, filters)
        if key not in self._parts:
            self._open.append(name)
            part = self._made(definition, tuple(dict.fromkeys((*filters, *definition.filters))))
            self._open.pop()
            if part is None:
                return None
            if any(trouble.about == "cycle" for trouble in part.troubles):
                return part  # where it was entered decides what it looks like
            self._parts[key] = part
        return self._parts[key]

    def _made(self, definition: Definition, filters: tuple[str, ...]) -> Part | None:
        if definition.type == "sql":
            return self._sql(definition)
        if definition.type in ("ratio", "derived"):
            return self._combined(definition, filters)
        if definition.type == "conversion":
            return self._conversion(definition, filters)
        if definition.aggregation is not None:
            found = self._aggregated(definition.aggregation, filters)
            return None if found is None else self._filled(found, definition.filling)
        inputs = [self._input(part, filters) for part in definition.inputs]
        if None in inputs:
            return None
        parts = [part for part in inputs if part is not None]
        if len(parts) != 1:
            return unknown(Trouble("measure", "has no measure and aggregates nothing itself"))
        whole = self._filled(parts[0], definition.filling)
        return self._cumulative(definition, whole) if definition.type == "cumulative" else whole

    def _input(self, part: Input, filters: tuple[str, ...]) -> Part | None:
        """A measure or metric, with its own filters, in its own period."""
        inner = tuple(dict.fromkeys((*filters, *part.filters)))
        if part.role.startswith("measure") and part.name not in self._definitions_of_newer():
            aggregation = self._layer.measure(part.name)
            if aggregation is None:
                return unknown(Trouble("measure", f"there is no measure {part.name}", part.name))
            found = self._aggregated(aggregation, inner)
        else:
            found = self._part(part.name, inner)
        if found is None:
            return None
        found = self._filled(found, part.filling)
        if part.shift:
            found = found._replace(
                value=form("shifted", found.value, part.shift),
                time=form("shifted", found.time, part.shift, self._spine),
            )
        return found

    def _definitions_of_newer(self) -> frozenset[str]:
        """Names that mean a metric where dbt says `measure`: none if there is a measure."""
        return frozenset(name for name in self._definitions if name not in self._layer.measures)

    def _filled(self, part: Part, filling: str) -> Part:
        """With something in the place of NULL, or of days without rows."""
        if not filling:
            return part
        spine = self._spine if "all days" in filling else ""
        return part._replace(
            value=form("filled", part.value, filling), time=form("filled", part.time, spine)
        )

    def _cumulative(self, definition: Definition, part: Part) -> Part:
        how = (definition.window, definition.grain_to_date, definition.period_agg)
        return part._replace(
            value=form("cumulative", part.value, *how),
            time=form("cumulative", part.time, *how, self._spine),
        )

    # -- leaves -----------------------------------------------------------------------------

    def _aggregated(
        self,
        aggregation: Aggregation,
        filters: tuple[str, ...],
        further: Sequence[Reference] = (),
    ) -> Part | None:
        waits = False

        def table_of(name: str) -> Meaning | None:
            nonlocal waits
            part = self._part(name, ())
            waits = waits or part is None
            return as_table(name, part) if part is not None and not part.troubles else None

        made = instance(self._layer, aggregation, filters, table_of, further)
        if waits:
            return None
        if isinstance(made, Trouble):
            return unknown(made)
        answers = self._need(made.rows, made.value)
        if answers is None:
            return None
        return self._leaf(aggregation, filters, made, answers)

    def _leaf(
        self,
        aggregation: Aggregation,
        filters: tuple[str, ...],
        made: Instance,
        answers: Sequence[Meaning | Problem],
    ) -> Part:
        rows, value = answers
        leaf = Leaf(aggregation=aggregation, filters=filters, sql=made)
        if isinstance(rows, Problem) or isinstance(value, Problem):
            problem = rows if isinstance(rows, Problem) else value
            assert isinstance(problem, Problem)
            return self._as_text(made, leaf, f"{problem.reason} {problem.detail}".strip())
        missing = [
            what
            for what, text in (
                ("expression", rows.full.columns[0]),
                ("time", rows.full.columns[1]),
                ("aggregation", value.full.columns[0]),
                ("rows", "known" if rows.known else ""),
            )
            if not text
        ]
        grave = [trouble for trouble in made.troubles if trouble.about not in _HARMLESS]
        if missing or grave:
            reason = grave[0].text if grave else f"its {' and '.join(missing)} not understood"
            return self._as_text(made, leaf, reason)
        forms = Forms()
        measured, shown = rows.about[:2]
        time = rows.bare.columns[1]
        inner = forms.form("rows", *rows.full.leaves, "where", *rows.full.predicates)
        tables = frozenset(table for about in rows.about for table in about.tables)
        opaque = self._opaque(tables)
        extras = forms.form("further", *rows.bare.columns[2:])
        return Part(
            value=form("value", value.bare.columns[0], *semi_additive(aggregation)),
            rows=form("rows", inner, *measured.contexts, extras),
            time=form("time", time, *shown.contexts),
            tables=tables,
            opaque=opaque,
            troubles=made.troubles,
            leaves=(
                msgspec.structs.replace(
                    leaf, value=value.bare.columns[0], whole=value.full.columns[0], rows=rows
                ),
            ),
        )

    def _as_text(self, made: Instance, leaf: Leaf, reason: str) -> Part:
        """Compared as text, with all that its tables mean."""
        project = self._layer.project
        names = [table for _, table in made.rows.tables if isinstance(table, str)]
        below = [f"{name} {self._tables.digest(project.nodes[name])}" for name in names]
        text = "\n".join((made.rows.sql, made.value.sql, *leaf.filters, *below))
        part = opaque(digest(text), reason, frozenset(names))
        found = [meaning for name in names if (meaning := self._tables.of(name)) is not None]
        why = self._opaque(frozenset(base for meaning in found for base in meaning.bases))
        return part._replace(opaque=(*part.opaque, *why), troubles=made.troubles, leaves=(leaf,))

    def _opaque(self, tables: frozenset[str]) -> tuple[str, ...]:
        """Reasons of tables that are compared as text."""
        nodes = self._layer.project.nodes
        found = []
        for name in sorted(table.partition("@")[0] for table in tables if "@" in table):
            reasons = [why for ref, why in self._tables.opaque.items() if ref.node == name]
            found += [f"{nodes[name].label}: {why}" for why in dict.fromkeys(reasons)]
        return tuple(found)

    def _sql(self, definition: Definition) -> Part | None:
        """A SQL metric: an aggregate over a model."""
        found = [node for node in self._layer.project.nodes.values()
                 if node.has_columns and definition.model in (node.label, node.name)]  # fmt: skip
        if not found:
            what = f"there is no model {definition.model}"
            return unknown(Trouble("model", what, definition.model))
        where = " and ".join(f"({text})" for text in definition.filters) or "true"
        time = definition.time or "null"
        tables = (("aops_table_f", found[0].unique_id),)
        # Parsed, never run.
        body = f"from aops_table_f where {where}"
        rows = Asked(f"select 1 as aops_m, {time} as aops_t {body}", tables, ("aops_m", "aops_t"))
        value = Asked(f"select {definition.expr} as aops_v {body}", tables, ("aops_v",))
        made = Instance(rows, value, definition.filters, definition.time, (), ())
        answers = self._need(rows, value)
        if answers is None:
            return None
        aggregation = Aggregation(semantic_model="", agg="", expr=definition.expr)
        part = self._leaf(aggregation, definition.filters, made, answers)
        full = answers[1]
        if isinstance(full, Meaning) and not part.opaque:
            inside = full.about[0]
            part = part._replace(
                rows=form("rows", part.rows, *inside.contexts),
                tables=part.tables | frozenset(inside.tables),
            )
        return part

    # -- metrics of metrics ------------------------------------------------------------------

    def _combined(self, definition: Definition, filters: tuple[str, ...]) -> Part | None:
        found = [self._input(part, filters) for part in definition.inputs]
        if None in found:
            return None
        parts = [part for part in found if part is not None]
        whole = together(parts)
        if definition.type == "ratio":
            return whole._replace(value=form("ratio", *(part.value for part in parts)))
        names = tuple(part.called for part in definition.inputs)
        values = tuple(form("input", part.value) for part in parts)
        side = Side(values, (Forms().form("table", "aops_inputs"),))
        about = (About(tables=("aops_inputs",)),) * (len(names) + 1)
        inputs = Meaning(names, side, side, ("aops_inputs",), about)
        asked = Asked(
            f"select {definition.expr or 'null'} as aops_v from aops_inputs",  # noqa: S608
            (("aops_inputs", inputs),),
            ("aops_v",),
        )
        answers = self._need(asked)
        if answers is None:
            return None
        answer = answers[0]
        if isinstance(answer, Problem) or not answer.bare.columns[0]:
            text = digest(" ".join((definition.expr, *names, *values)))
            reason = f"the expression {definition.expr} is not understood"
            trouble = Trouble("expression", reason, definition.expr)
            return whole._replace(
                value=form("opaque", text),
                opaque=(*whole.opaque, reason),
                troubles=(*whole.troubles, trouble),
            )
        return whole._replace(value=form("derived", answer.bare.columns[0]))

    def _conversion(self, definition: Definition, filters: tuple[str, ...]) -> Part | None:
        sides: list[Part | None] = []
        for place, part in enumerate(definition.inputs):
            own = [constant[place] for constant in definition.constants] if place < 2 else []
            further = [Reference("Entity", (definition.entity,))]
            further += [Reference("Dimension", tuple(name.split("__"))) for name in own]
            sides.append(self._side(part, tuple(dict.fromkeys((*filters, *part.filters))), further))
        if None in sides:
            return None
        parts = [part for part in sides if part is not None]
        how = (definition.calculation, definition.window, definition.entity)
        whole = together(parts)
        # Which is base and which conversion matters for the rows as well.
        ordered = form("conversion", *(part.rows for part in parts))
        value = form("conversion", *(part.value for part in parts), *how)
        return whole._replace(value=value, rows=ordered)

    def _side(
        self, part: Input, filters: tuple[str, ...], further: Sequence[Reference]
    ) -> Part | None:
        aggregation = self._layer.measure(part.name) if part.role.startswith("measure") else None
        metric = self._definitions.get(part.name)
        if aggregation is None and metric is not None:
            aggregation = metric.aggregation
            filters = tuple(dict.fromkeys((*filters, *metric.filters)))
            measured = metric.inputs[0] if metric.inputs else None
            if aggregation is None and metric.type == "simple" and measured is not None:
                aggregation = self._layer.measure(measured.name)
                filters = tuple(dict.fromkeys((*filters, *measured.filters)))
        if aggregation is None:
            what = f"there is no measure or simple metric {part.name}"
            return unknown(Trouble("measure", what, part.name))
        return self._aggregated(aggregation, filters, further)
