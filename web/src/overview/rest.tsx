// What changed, what is known, and who has what to do.

import { index } from "../data/load";
import type { Change, Count, OwnerTodo } from "../data/types";
import { ago, counted, dateTime, number } from "../data/words";
import { href } from "../route";
import { NONE } from "../ui/filters";
import { NodeLink } from "../ui/links";
import { Bar, Card, Empty, State, Tag, tone } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const RECENT = 8;

export function ChangeCard() {
  const { changes } = index.overview;
  return (
    <Card title="Changed in the last seven days" note={changes.length > RECENT && `the last ${RECENT} of ${changes.length}`}>
      {!changes.length && <Empty>Nothing changed.</Empty>}
      <ul className="lines">{changes.slice(0, RECENT).map((change, place) => <ChangeLine key={place} change={change} />)}</ul>
    </Card>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const { kind, at, text, node, failed } = change;
  return (
    <li>
      <span className="change-kind"><Tag>{kind}</Tag></span>
      <span className="grow wrap">
        {node ? <NodeLink id={node}>{text}</NodeLink> : text}
        {Boolean(failed) && <span className="tone-bad small"> · {counted(failed!, "run")} failed before</span>}
      </span>
      {at !== null && <span className="push faint small" title={dateTime(at)}>{ago(at, index.at)}</span>}
    </li>
  );
}

export function CoverageCard() {
  const { coverage } = index.overview;
  const parts = [
    { name: "proven", value: coverage.proven, tone: "good" },
    { name: "partial", value: coverage.partial, tone: "warn" },
    { name: "unknown", value: coverage.unknown, tone: "bad" },
  ];
  return (
    <Card title="Column lineage" note={`${number(coverage.columns)} columns of ${counted(coverage.models, "model")}`} actions={<a href="#/lineage">Explore</a>}>
      {coverage.columns ? <Parts parts={parts} label="Columns" /> : <Empty>No model has columns that are known: <code>dbt compile</code> first.</Empty>}
      {coverage.reasons.length > 0 && (
        <ul className="lines">
          {coverage.reasons.slice(0, 5).map((reason) => (
            <li key={reason.name}><span className="wrap soft">{reason.name}</span><span className="push">{counted(reason.count, "column")}</span></li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Parts({ parts, label }: { parts: { name: string; value: number; tone: string }[]; label: string }) {
  return (
    <div className="parts">
      <Bar parts={parts} label={label} />
      <ul className="legend" aria-hidden="true">
        {parts.map((part) => <li key={part.name}><span className={`key key-${part.tone} key-area`} />{number(part.value)} {part.name}</li>)}
      </ul>
    </div>
  );
}

const TIERS = ["certified", "reviewed", "draft", "deprecated"];

export function MetricCard() {
  const { metrics } = index.overview;
  const parts = [...metrics]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ name, count }) => ({ name: name || "without a tier", value: count, tone: tone(name) }));
  const all = metrics.reduce((sum, { count }) => sum + count, 0);
  return (
    <Card title="Metrics by tier" note={all > 0 && counted(all, "metric")} actions={all > 0 && <a href="#/metrics">Catalogue</a>}>
      {all ? <Parts parts={parts} label="Metrics" /> : <Empty>No metric is declared, neither in dbt’s semantic layer nor in <code>analyticsops/metrics.yml</code>.</Empty>}
    </Card>
  );
}

function rank({ name }: Count): number {
  const place = TIERS.indexOf(name);
  return place < 0 ? TIERS.length : place;
}

export function FindingCard() {
  const { findings } = index.overview;
  const all = findings.reduce((sum, { count }) => sum + count, 0);
  return (
    <Card title="Findings" note={<>of <code>analyticsops check</code></>} actions={all > 0 && <a href={href(["findings"])}>All findings</a>}>
      {all ? (
        <div className="row">{findings.map(({ name, count }) => <State key={name} word={name}>{number(count)} {name}</State>)}</div>
      ) : (
        <Empty>None.</Empty>
      )}
    </Card>
  );
}

const amount = (name: string, of: (row: OwnerTodo) => number, to?: string): Column<OwnerTodo> => ({
  name,
  number: true,
  by: of,
  cell: (row) => {
    const value = of(row);
    if (!value) return <span className="faint">0</span>;
    return to ? <a href={href([to], { owner: row.owner || NONE })}>{number(value)}</a> : number(value);
  },
});

const OWNERS: readonly Column<OwnerTodo>[] = [
  { name: "Owner", cell: (row) => (row.owner ? row.owner : <span className="faint">nobody</span>), by: (row) => row.owner, grow: true },
  amount("Incidents", (row) => row.incidents, "oncall"),
  amount("Objectives", (row) => row.objectives, "objectives"),
  amount("Errors", (row) => row.errors),
  amount("Warnings", (row) => row.warnings),
  amount("Readiness", (row) => row.readiness, "readiness"),
];

export function OwnerCard() {
  // What is only for information waits for nobody.
  const owners = index.overview.owners.filter((row) => row.incidents + row.objectives + row.errors + row.warnings + row.readiness > 0);
  return (
    <Card title="Owners with the most to do" note="open, not met, found, not passed">
      <Table rows={owners} columns={OWNERS} keyOf={(row) => row.owner} caption="What waits for each owner" empty="Nothing waits for anybody." />
    </Card>
  );
}

