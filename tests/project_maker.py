"""Small dbt projects for tests, as the manifest that dbt would have written.

In SQL a table of the project is written ``@name``: ``@stg_orders``, ``@raw.orders`` for
a source, ``@orders.v2`` for a version of a model. ``raw_code`` then holds dbt's
``ref()`` and ``source()``, and ``compiled_code`` the relation, or for an ephemeral model
the CTE that dbt would have inlined.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.catalog import Catalog
from analyticsops.artifacts.freshness import Freshness
from analyticsops.artifacts.manifest import Manifest
from analyticsops.artifacts.run_results import RunResults
from analyticsops.config import Config
from analyticsops.project.build import build_project
from analyticsops.workspace import Workspace

Spec = Mapping[str, Any]
NAME = "shop"
MADE_AT = "2026-11-20T08:00:00.000000Z"

_TABLE = re.compile(r"@(\w+(?:\.\w+)?)")
_TEST = re.compile(r"(?P<name>[\w.]+) (?P<model>[\w.@]+?)(?:\.(?P<column>\w+))?(?: (?P<args>.+))?$")
_MEASURE = re.compile(r"(?P<agg>\w+)\((?P<model>\w+)(?:\.(?P<column>\w+))?\)$")


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """Artifacts as plain data."""

    manifest: dict[str, Any]
    catalog: dict[str, Any] | None = None


def project(
    *,
    models: Mapping[str, str | Spec] | None = None,
    seeds: Mapping[str, str | Spec] | None = None,
    snapshots: Mapping[str, str | Spec] | None = None,
    sources: Mapping[str, str | Spec] | None = None,
    tests: Iterable[str | Spec] = (),
    metrics: Mapping[str, str | Spec] | None = None,
    semantic_models: Mapping[str, Spec] | None = None,
    saved_queries: Mapping[str, Spec] | None = None,
    exposures: Mapping[str, str | Spec] | None = None,
    unit_tests: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    macros: Mapping[str, str] | None = None,
    operations: Mapping[str, str] | None = None,
    analyses: Mapping[str, str] | None = None,
    disabled: Iterable[str] = (),
    schema: str = "dev",
    database: str = "db",
    adapter: str = "duckdb",
    compiled: bool = True,
) -> Made:
    """A project of these parts.

    Args:
        models: name (``orders.v2`` for a version) -> SQL, or a mapping with ``sql`` and
            what else the manifest should hold: ``columns``, ``contract``, ``access``,
            ``group``, ``materialized``, ``language``, ``raw``, ``meta``, ``path``, ...
            ``pre_hook`` and ``post_hook`` are SQL, or a list of it.
        seeds: name -> header, or a mapping with ``columns`` and ``checksum``.
        sources: ``source.table`` -> columns that the catalog knows, or a mapping with
            ``columns`` (YAML alone), ``freshness`` and the like.
        tests: ``unique orders.id``, ``accepted_values orders.status [a, b]``, or a mapping
            with ``name`` and ``sql`` for a singular test.
        metrics: name -> ``sum(orders.amount)``, or what the manifest should hold.
        unit_tests: name -> the model.
        exposures: name -> the nodes it depends on, or a mapping with ``depends_on``.
        groups: name -> owner.
        macros: name (``dbt.run_query`` for one of another package) -> text.
        operations: ``on-run-start`` or ``on-run-end`` -> SQL.
        analyses: name -> SQL.
        compiled: False for the manifest that ``dbt parse`` writes.
    """
    maker = _Maker(schema=schema, database=database, compiled=compiled)
    for kind, entries in (
        ("source", sources),
        ("seed", seeds),
        ("model", models),
        ("snapshot", snapshots),
    ):
        for name, spec in (entries or {}).items():
            maker.declare(kind, name, spec)
    maker.tables()
    for place, sql in (operations or {}).items():
        maker.statement("operation", f"{NAME}-{place}-0", sql)
    for name, sql in (analyses or {}).items():
        maker.statement("analysis", name, sql)
    for test in tests:
        maker.test(test)
    for name, semantic in (semantic_models or {}).items():
        maker.semantic_model(name, semantic)
    for name, metric in (metrics or {}).items():
        maker.metric(name, metric)
    for name, query in (saved_queries or {}).items():
        maker.saved_query(name, query)
    for name, exposure in (exposures or {}).items():
        maker.exposure(name, exposure)
    for name, model in (unit_tests or {}).items():
        maker.unit_test(name, model)
    manifest = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "dbt_version": "1.11.16",
            "generated_at": MADE_AT,
            "invocation_id": "00000000-0000-0000-0000-000000000001",
            "project_name": NAME,
            "adapter_type": adapter,
        },
        "nodes": maker.nodes,
        "sources": maker.sources,
        "macros": dict(_macro(name, text) for name, text in (macros or {}).items()),
        "exposures": maker.exposures,
        "metrics": maker.metrics,
        "semantic_models": maker.semantic_models,
        "saved_queries": maker.saved_queries,
        "unit_tests": maker.unit_tests,
        "groups": {
            f"group.{NAME}.{name}": {
                "unique_id": f"group.{NAME}.{name}",
                "name": name,
                "package_name": NAME,
                "owner": {"name": owner},
            }
            for name, owner in (groups or {}).items()
        },
        "disabled": {i: [{"unique_id": i, "resource_type": i.partition(".")[0]}] for i in disabled},
    }
    return Made(manifest=manifest, catalog=maker.catalog())


def workspace(
    made: Made,
    *,
    config: Config | None = None,
    freshness: Iterable[Spec] | None = None,
    run_results: RunResults | None = None,
    folder: Path = Path("/nowhere/target"),
    project_dir: Path | None = None,
) -> Workspace:
    """The workspace that :func:`analyticsops.load` would make of it."""
    catalog = msgspec.convert(made.catalog, Catalog) if made.catalog else None
    measured = None
    if freshness is not None:
        measured = msgspec.convert(sources_json(freshness), Freshness)
    return Workspace(
        project=build_project(msgspec.convert(made.manifest, Manifest), catalog),
        folder=folder,
        project_dir=project_dir,
        config=config or Config(),
        run_results=run_results,
        freshness=measured,
        catalog=catalog,
    )


def sources_json(results: Iterable[Spec]) -> dict[str, Any]:
    """``sources.json`` with these results; ``unique_id`` may be ``raw.orders``."""
    entries = [
        {**result, "unique_id": f"source.{NAME}.{result['unique_id']}"} for result in results
    ]
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json",
            "dbt_version": "1.11.16",
            "generated_at": MADE_AT,
        },
        "results": entries,
    }


def write(
    made: Made,
    root: Path,
    *,
    freshness: Iterable[Spec] | None = None,
    files: bool = True,
) -> Path:
    """A project folder with ``target/`` in it, as after ``dbt build``; its path."""
    target = root / "target"
    target.mkdir(parents=True, exist_ok=True)
    (root / "dbt_project.yml").write_text(f"name: {NAME}\nversion: 1.0.0\n", encoding="utf-8")
    _dump(target / "manifest.json", made.manifest)
    if made.catalog:
        _dump(target / "catalog.json", made.catalog)
    if freshness is not None:
        _dump(target / "sources.json", sources_json(freshness))
    if files:
        for node in made.manifest["nodes"].values():
            if node["raw_code"]:
                path = root / node["original_file_path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(node["raw_code"] + "\n", encoding="utf-8")
    return root


def _macro(name: str, text: str) -> tuple[str, dict[str, Any]]:
    package, _, plain = name.rpartition(".")
    unique_id = f"macro.{package or NAME}.{plain}"
    return unique_id, {
        "unique_id": unique_id,
        "name": plain,
        "package_name": package or NAME,
        "original_file_path": f"macros/{plain}.sql",
        "macro_sql": text,
    }


def _dump(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def _columns(spec: object) -> dict[str, Any]:
    """``id, amount`` or ``{id: integer, amount: {data_type: ..., constraints: [...]}}``."""
    if isinstance(spec, str):
        spec = {name.strip(): {} for name in spec.split(",")}
    found: dict[str, Any] = {}
    for name, about in (spec if isinstance(spec, dict) else {}).items():
        more = {"data_type": about} if isinstance(about, str) else dict(about or {})
        constraints = [
            {"type": c} if isinstance(c, str) else c for c in more.pop("constraints", ())
        ]
        found[name] = {"name": name, **more, "constraints": constraints}
    return found


class _Maker:
    def __init__(self, *, schema: str, database: str, compiled: bool) -> None:
        self._schema = schema
        self._database = database
        self._compiled = compiled
        self._specs: dict[str, dict[str, Any]] = {}
        self._kinds: dict[str, str] = {}
        self._catalog: dict[str, dict[str, Any]] = {}
        self.nodes: dict[str, Any] = {}
        self.sources: dict[str, Any] = {}
        self.exposures: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}
        self.semantic_models: dict[str, Any] = {}
        self.saved_queries: dict[str, Any] = {}
        self.unit_tests: dict[str, Any] = {}

    # -- tables ------------------------------------------------------------------

    def declare(self, kind: str, name: str, spec: str | Spec) -> None:
        """Make a name known before SQL that uses it is read."""
        text = "columns" if kind in ("seed", "source") else "sql"
        whole: dict[str, Any] = {text: spec, "known": True} if isinstance(spec, str) else {**spec}
        self._specs[name], self._kinds[name] = whole, kind

    def unique_id(self, name: str) -> str:
        """``model.shop.orders`` of ``orders``; a whole unique id stays."""
        return f"{self._kinds[name]}.{NAME}.{name}" if name in self._kinds else name

    def tables(self) -> None:
        """Everything declared, as entries of the manifest."""
        for name, kind in self._kinds.items():
            if kind == "source":
                self._source(name, self._specs[name])
            else:
                self._node(kind, name, self._specs[name])

    def catalog(self) -> dict[str, Any] | None:
        """What the warehouse knows of sources and seeds."""
        if not self._catalog:
            return None
        of_sources = {k: v for k, v in self._catalog.items() if k.startswith("source.")}
        return {
            "metadata": {
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json",
                "generated_at": MADE_AT,
            },
            "nodes": {k: v for k, v in self._catalog.items() if k not in of_sources},
            "sources": of_sources,
        }

    def _know(self, unique_id: str, columns: Mapping[str, Any]) -> None:
        self._catalog[unique_id] = {
            "metadata": {"type": "BASE TABLE", "schema": "x", "name": unique_id},
            "columns": {
                name: {"type": about.get("data_type") or "varchar", "index": index, "name": name}
                for index, (name, about) in enumerate(columns.items(), 1)
            },
            "stats": {},
            "unique_id": unique_id,
        }

    def _source(self, name: str, spec: Spec) -> None:
        source, _, table = name.partition(".")
        unique_id = self.unique_id(name)
        columns = _columns(spec.get("columns", {}))
        if spec.get("known"):
            self._know(unique_id, columns)
        more = {k: v for k, v in spec.items() if k not in ("columns", "known")}
        self.sources[unique_id] = {
            "unique_id": unique_id,
            "name": table,
            "source_name": source,
            "resource_type": "source",
            "package_name": NAME,
            "original_file_path": "models/_sources.yml",
            "path": "models/_sources.yml",
            "fqn": [NAME, source, table],
            "database": "lake",
            "schema": source,
            "identifier": table,
            "relation_name": f'"lake"."{source}"."{table}"',
            "columns": columns if not spec.get("known") else {},
            **more,
        }

    def _relation(self, name: str) -> str:
        if self._kinds[name] == "source":
            source, _, table = name.partition(".")
            return f'"lake"."{source}"."{table}"'
        return f'"{self._database}"."{self._schema}"."{self._alias(name)}"'

    def _alias(self, name: str) -> str:
        return str(self._specs[name].get("alias") or name.replace(".", "_"))

    def _ephemeral(self, name: str) -> bool:
        return self._specs[name].get("materialized") == "ephemeral"

    def _node(self, kind: str, name: str, spec: dict[str, Any]) -> None:
        unique_id = self.unique_id(name)
        plain, _, version = name.partition(".v")
        path = spec.get("path") or f"{kind}s/{name.replace('.', '_')}" + (
            ".csv" if kind == "seed" else ".py" if spec.get("language") == "python" else ".sql"
        )
        columns = _columns(spec.get("columns", {}))
        if kind == "seed" and spec.get("known"):
            self._know(unique_id, columns)
            columns = {}
        if spec.get("catalog"):
            self._know(unique_id, _columns(spec["catalog"]))
        sql = str(spec.get("sql") or "")
        raw, compiled, parents = self.code(sql)
        raw = str(spec.get("raw") or raw)
        materialized = spec.get("materialized") or ("seed" if kind == "seed" else "table")
        config = {"materialized": materialized, **spec.get("config", {})}
        for place in ("pre_hook", "post_hook"):
            hooks = spec.get(place, ())
            for hook in [hooks] if isinstance(hooks, str) else hooks:
                text, _, read = self.code(hook)
                parents += [name for name in read if name not in (unique_id, *parents)]
                key = place.replace("_", "-")
                config[key] = [*config.get(key, ()), {"sql": text, "transaction": True}]
        if spec.get("meta"):
            config["meta"] = spec["meta"]
        if spec.get("group"):
            config["group"] = spec["group"]
        self.nodes[unique_id] = {
            "unique_id": unique_id,
            "name": plain,
            "resource_type": kind,
            "package_name": spec.get("package", NAME),
            "original_file_path": path,
            "path": path.partition("/")[2],
            "fqn": [NAME, plain, f"v{version}"] if version else [NAME, plain],
            "alias": self._alias(name),
            "database": self._database,
            "schema": self._schema,
            "relation_name": None if self._ephemeral(name) else self._relation(name),
            "language": spec.get("language", "sql"),
            "raw_code": raw,
            "compiled_code": compiled if self._compiled and kind != "seed" else None,
            "checksum": {"name": "sha256", "checksum": str(spec.get("checksum") or _hash(raw))},
            "columns": columns,
            "config": config,
            "unrendered_config": dict(spec.get("unrendered_config", {})),
            "access": spec.get("access", "protected"),
            "group": spec.get("group"),
            "contract": {"enforced": bool(spec.get("contract"))},
            "constraints": list(spec.get("constraints", ())),
            "depends_on": {
                "nodes": parents + [self.unique_id(n) for n in spec.get("reads", ())],
                "macros": [f"macro.{NAME}.{macro}" for macro in spec.get("macros", ())],
            },
            "time_spine": spec.get("time_spine"),
            "deprecation_date": str(spec.get("deprecation_date") or "") or None,
            "version": version or None,
            "latest_version": spec.get("latest_version"),
            "description": spec.get("description", ""),
            "patch_path": f"{NAME}://models/_models.yml",
            "tags": list(spec.get("tags", ())),
        }

    def statement(self, kind: str, name: str, sql: str) -> None:
        """An operation or an analysis."""
        raw, compiled, parents = self.code(sql)
        unique_id = f"{kind}.{NAME}.{name}"
        self.nodes[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": kind,
            "package_name": NAME,
            "original_file_path": "./dbt_project.yml",
            "raw_code": raw,
            "compiled_code": compiled if self._compiled else None,
            "depends_on": {"nodes": parents},
        }

    def code(self, sql: str) -> tuple[str, str, list[str]]:
        """(raw code, compiled code, unique ids of the parents) of SQL with ``@names``."""
        names = list(dict.fromkeys(found for found in _TABLE.findall(sql) if found in self._kinds))
        inlined: list[str] = []

        def relation(match: re.Match[str]) -> str:
            name = match[1]
            if name not in self._kinds:
                return match[0]
            if self._ephemeral(name):
                self._inline(name, inlined)
                return f"__dbt__cte__{name}"
            return self._relation(name)

        def reference(match: re.Match[str]) -> str:
            name = match[1]
            if name not in self._kinds:
                return match[0]
            parts = ", ".join(f"'{part}'" for part in name.split("."))
            if self._kinds[name] == "source":
                return f"{{{{ source({parts}) }}}}"
            plain, _, version = name.partition(".v")
            return f"{{{{ ref('{plain}'{f', v={version}' if version else ''}) }}}}"

        compiled = _TABLE.sub(relation, sql)
        if inlined:
            ctes = ", ".join(inlined)
            rest = re.sub(r"^\s*with\s", ", ", compiled, count=1)
            compiled = f"with  {ctes}{rest}" if rest != compiled else f"with  {ctes} {compiled}"
        return _TABLE.sub(reference, sql), compiled, [self.unique_id(name) for name in names]

    def _inline(self, name: str, inlined: list[str]) -> None:
        def relation(match: re.Match[str]) -> str:
            other = match[1]
            if self._ephemeral(other):
                self._inline(other, inlined)
                return f"__dbt__cte__{other}"
            return self._relation(other)

        text = _TABLE.sub(relation, str(self._specs[name]["sql"]))
        cte = f"__dbt__cte__{name} as (\n\n{text}\n)"
        if cte not in inlined:
            inlined.append(cte)

    # -- ends --------------------------------------------------------------------

    def test(self, spec: str | Spec) -> None:
        """A generic test as text, a singular one as a mapping with ``sql``; a generic one
        with settings as a mapping with its text as ``name``, ``config`` and ``kwargs``."""
        more: Spec = {}
        if not isinstance(spec, str) and "sql" not in spec:
            more = spec
            spec = str(spec["name"])
        if not isinstance(spec, str):
            raw, compiled, parents = self.code(str(spec["sql"]))
            unique_id = f"test.{NAME}.{spec['name']}"
            self._test(unique_id, str(spec["name"]), raw_code=raw, compiled_code=compiled)
            self.nodes[unique_id]["depends_on"] = {"nodes": parents}
            return
        found = _TEST.match(spec)
        assert found, spec
        name, model, column = found["name"], found["model"], found["column"]
        if column and f"{model}.{column}" in self._kinds:
            model, column = f"{model}.{column}", None
        namespace, _, plain = name.rpartition(".")
        kwargs: dict[str, Any] = {"column_name": column} if column else {}
        if found["args"]:
            kwargs["values"] = [value.strip() for value in found["args"].strip("[]").split(",")]
        if plain == "unique_combination_of_columns":
            kwargs = {"combination_of_columns": kwargs["values"]}
        kwargs.update(more.get("kwargs", {}))
        readable = "_".join(part for part in (plain, model.replace(".", "_"), column) if part)
        unique_id = f"test.{NAME}.{readable}.{_hash(str(kwargs))[:10]}"
        self._test(
            unique_id,
            readable,
            test_metadata={"name": plain, "namespace": namespace or None, "kwargs": kwargs},
            attached_node=self.unique_id(model),
            column_name=column,
            depends_on={"nodes": [self.unique_id(model)]},
            config={"severity": "ERROR", **more.get("config", {})},
        )

    def unit_test(self, name: str, model: str) -> None:
        """A unit test of a model."""
        unique_id = f"unit_test.{NAME}.{model}.{name}"
        self.unit_tests[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "unit_test",
            "package_name": NAME,
            "original_file_path": "models/_models.yml",
            "model": model,
            "depends_on": {"nodes": [self.unique_id(model)]},
        }

    def _test(self, unique_id: str, name: str, **more: Any) -> None:
        self.nodes[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "test",
            "package_name": NAME,
            "original_file_path": "models/_models.yml",
            "fqn": [NAME, name],
            "raw_code": "",
            "config": {"severity": "ERROR"},
            **more,
        }

    def semantic_model(self, name: str, spec: Spec) -> None:
        """Measures, dimensions and entities as mappings of name -> expression or entry."""
        unique_id = f"semantic_model.{NAME}.{name}"
        model = str(spec["model"])

        def parts(key: str, text: str) -> list[dict[str, Any]]:
            found = spec.get(key) or {}
            return [
                {"name": part, text: about} if isinstance(about, str) else {"name": part, **about}
                for part, about in found.items()
            ]

        measures = []
        for measure in parts("measures", "text"):
            text = measure.pop("text", None)
            if text:
                agg, _, expression = str(text).partition("(")
                measure.update(agg=agg, expr=expression.removesuffix(")"))
            measures.append(measure)
        self.semantic_models[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "semantic_model",
            "package_name": NAME,
            "original_file_path": "models/_metrics.yml",
            "model": f"ref('{model}')",
            "depends_on": {"nodes": [self.unique_id(model)]},
            "measures": measures,
            "dimensions": parts("dimensions", "expr"),
            "entities": parts("entities", "expr"),
            "defaults": spec.get("defaults"),
        }

    def metric(self, name: str, spec: str | Spec) -> None:
        """``sum(orders.amount)`` makes a semantic model as well."""
        if isinstance(spec, str):
            found = _MEASURE.match(spec)
            assert found, spec
            measure = {found["agg"]: found["column"] or "1"}
            ((agg, expression),) = measure.items()
            semantic = f"{found['model']}_{name}"
            self.semantic_model(
                semantic,
                {"model": found["model"], "measures": {f"{name}_m": f"{agg}({expression})"}},
            )
            spec = {"type": "simple", "type_params": {"measure": {"name": f"{name}_m"}}}
        more = {k: v for k, v in spec.items() if k not in ("type", "depends_on", "group", "meta")}
        unique_id = f"metric.{NAME}.{name}"
        self.metrics[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "metric",
            "package_name": NAME,
            "original_file_path": "models/_metrics.yml",
            "type": spec.get("type", "simple"),
            "config": {"group": spec.get("group"), "meta": spec.get("meta") or {}},
            "group": spec.get("group"),
            "depends_on": {"nodes": list(spec.get("depends_on", ()))},
            "type_params": {},
            **more,
        }

    def saved_query(self, name: str, spec: Spec) -> None:
        """``metrics``: names."""
        unique_id = f"saved_query.{NAME}.{name}"
        self.saved_queries[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "saved_query",
            "package_name": NAME,
            "original_file_path": "models/_metrics.yml",
            "query_params": {"metrics": spec["metrics"], **spec.get("query_params", {})},
            "exports": list(spec.get("exports", ())),
            "depends_on": {"nodes": [f"metric.{NAME}.{metric}" for metric in spec["metrics"]]},
        }

    def exposure(self, name: str, spec: str | Spec) -> None:
        """``orders, metric revenue``: what it depends on."""
        if isinstance(spec, str):
            spec = {"depends_on": [part.strip() for part in spec.split(",")]}
        unique_id = f"exposure.{NAME}.{name}"
        self.exposures[unique_id] = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "exposure",
            "package_name": NAME,
            "original_file_path": "models/_exposures.yml",
            "type": "dashboard",
            "owner": {"name": spec.get("owner", "")},
            "depends_on": {
                "nodes": [
                    f"metric.{NAME}.{part.removeprefix('metric ')}"
                    if part.startswith("metric ")
                    else self.unique_id(part)
                    for part in spec["depends_on"]
                ]
            },
            "config": {"meta": spec.get("meta") or {}},
        }


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
