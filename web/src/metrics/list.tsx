// The catalogue: all metrics, found by what somebody calls them.

import { useMemo } from "react";
import { index, useData } from "../data/load";
import type { Duplicate, MetricCard, Metrics, MetricShadow } from "../data/types";
import { counted } from "../data/words";
import { href, type Route } from "../route";
import { Choice, choices, type Filters, filtersOf, fits, Found, Typed } from "../ui/filters";
import { MetricLink } from "../ui/links";
import { Name } from "../ui/marked";
import { Card, Page, State, Tag } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const TIERS = ["certified", "reviewed", "draft", "deprecated", ""];

const COLUMNS: readonly Column<MetricCard>[] = [
  {
    name: "Metric", by: ({ metric }) => metric.name,
    cell: ({ metric }) => (
      <>
        <MetricLink name={metric.name} />
        {metric.label && metric.label !== metric.name && <div className="faint small">{metric.label}</div>}
      </>
    ),
  },
  { name: "Tier", cell: ({ metric }) => (metric.tier ? <State word={metric.tier} /> : <span className="faint">none</span>), by: ({ metric }) => TIERS.indexOf(metric.tier ?? "") },
  { name: "What it is", cell: ({ metric }) => <span className="clamp soft">{metric.description || metric.formula}</span>, grow: true },
  { name: "Type", cell: ({ metric }) => <Tag>{metric.type}</Tag>, by: ({ metric }) => metric.type },
  { name: "Owner", cell: ({ metric }) => metric.owner || <span className="faint">nobody</span>, by: ({ metric }) => metric.owner || null },
  { name: "Missing", number: true, cell: ({ missing }) => (missing?.length ? <span className="tone-warn">{missing.length}</span> : <span className="faint">0</span>), by: ({ missing }) => missing?.length ?? 0 },
];

export function MetricsView({ route }: { route: Route }) {
  const { cards, duplicates, shadows, problem } = useData<Metrics>("metrics");
  const filters = filtersOf(route);
  const texts = useMemo(() => cards.map(searched), [cards]);
  const found = useMemo(() => cards.filter((card, place) => matches(card.metric, texts[place]!, filters)), [cards, texts, route]);
  return (
    <Page title="Metrics" lead={`The numbers that ${index.title} is steered by: what each means, where it comes from and who may be asked.`}>
      {problem && <Card title="The registry cannot be read" className="card-warn"><p className="wrap">{problem}</p></Card>}
      {cards.length > 0 && (
        <div className="filters">
          <Typed filters={filters} label="Name, synonym or what it is about" />
          <Choice filters={filters} name="tier" options={choices(cards.map(({ metric }) => metric.tier ?? ""))} />
          <Choice filters={filters} name="owner" options={choices(cards.map(({ metric }) => metric.owner ?? ""))} />
          <Choice filters={filters} name="type" options={choices(cards.map(({ metric }) => metric.type))} />
          <Found filters={filters} found={found.length} all={cards.length} />
        </div>
      )}
      {(cards.length > 0 || !problem) && (
        <Card>
          <Table rows={found} columns={COLUMNS} keyOf={({ metric }) => metric.name} caption="Metrics"
            empty={cards.length ? "No metric fits these filters." : <>No metric is declared, neither in dbt’s semantic layer nor in <code>analyticsops/metrics.yml</code>.</>} />
        </Card>
      )}
      <div className="grid">
        {duplicates.length > 0 && <Duplicates duplicates={duplicates} />}
        {shadows.length > 0 && <Shadows shadows={shadows} />}
      </div>
    </Page>
  );
}

function searched({ metric }: MetricCard): string {
  return [metric.name, metric.label, metric.description, metric.why, metric.formula, ...(metric.synonyms ?? [])].join(" ").toLowerCase();
}

function matches(metric: MetricCard["metric"], text: string, { of }: Filters): boolean {
  return of("q").toLowerCase().split(/\s+/).every((word) => text.includes(word)) && fits(of("tier"), metric.tier ?? "") && fits(of("owner"), metric.owner ?? "") && fits(of("type"), metric.type);
}

export function Duplicates({ duplicates }: { duplicates: readonly Duplicate[] }) {
  return (
    <Card title="Duplicates" note={counted(duplicates.length, "group")}>
      <ul className="lines">
        {duplicates.map((one, place) => (
          <li key={place}>
            <div className="wrap">
              {one.metrics.map((name, count) => <span key={name}>{count > 0 && ", "}<MetricLink name={name} /></span>)}
              <div className="faint small">{one.text}</div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Shadows({ shadows }: { shadows: readonly MetricShadow[] }) {
  return (
    <Card title="Shadows" note="columns that compute what a metric computes">
      <ul className="lines">
        {shadows.map((one, place) => (
          <li key={place}>
            <div className="wrap">
              <ColumnOf shadow={one} /> shadows <MetricLink name={one.metric} />
              <div className="faint small">{one.likeness}</div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** A column of a node that is known by its id: the last part of it is what people call it. */
function ColumnOf({ shadow: { node, column } }: { shadow: MetricShadow }) {
  const label = node.split(".").slice(2).join(".") || node;
  return <a className="mono" href={href(["lineage"], { column: `${node}.${column}` })}><Name text={`${label}.${column}`} /></a>;
}
