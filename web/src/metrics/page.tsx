// One metric: everything that is known of it.

import type { ReactNode } from "react";
import { has, useData } from "../data/load";
import type { MetricCard, Metrics, MetricVersion } from "../data/types";
import type { Route } from "../route";
import { href } from "../route";
import { Icon } from "../ui/icons";
import { ColumnLink, MetricLink, NodeLink } from "../ui/links";
import { Marked } from "../ui/marked";
import { Card, Code, Empty, Page, State, Tag } from "../ui/parts";
import { Duplicates, Shadows } from "./list";

export function MetricView({ route }: { route: Route }) {
  const name = route.path.slice(1).join("/");
  return has("metrics") ? <Found name={name} /> : <Unknown name={name} />;
}

function Unknown({ name }: { name: string }) {
  return <Page title={name} lead="There is no such metric in this report."><a href="#/metrics">All metrics</a></Page>;
}

function Found({ name }: { name: string }) {
  const all = useData<Metrics>("metrics");
  const card = all.cards.find(({ metric }) => metric.name === name);
  return card ? <One card={card} all={all} /> : <Unknown name={name} />;
}

function One({ card, all }: { card: MetricCard; all: Metrics }) {
  const { metric } = card;
  const duplicates = all.duplicates.filter(({ metrics }) => metrics.includes(metric.name));
  const shadows = all.shadows.filter((one) => one.metric === metric.name);
  return (
    <Page title={metric.label || metric.name} lead={<Lead card={card} />} actions={
      <>
        {metric.tier && <State word={metric.tier} />}
        <a className="button" href={href(["lineage"], { node: metric.node })}><Icon name="lineage" /> Lineage</a>
      </>
    }>
      {metric.description && <p className="prose"><Marked text={metric.description} /></p>}
      <Missing card={card} />
      <div className="columns">
        <div className="stack">
          <Formula card={card} />
          <Origin card={card} />
          <Versions versions={card.versions ?? []} />
        </div>
        <div className="stack">
          <Facts card={card} />
          <List title="Used by" texts={metric.used_by} empty="Nothing in the project uses it." shown={Used} />
          <List title="Promised of its numbers" texts={card.promised} empty="Nothing is promised: bounds, golden values, invariants." />
          <List title="Tests of its columns" texts={card.tests} empty="None of its columns is tested." />
          {duplicates.length > 0 && <Duplicates duplicates={duplicates} />}
          {shadows.length > 0 && <Shadows shadows={shadows} />}
        </div>
      </div>
    </Page>
  );
}

function Lead({ card: { metric } }: { card: MetricCard }) {
  return (
    <span className="row">
      <Tag>{metric.type}</Tag>
      <code className="wrap">{metric.name}</code>
      {metric.version && <span>version {metric.version}</span>}
      <span>{metric.owner || "nobody owns it"}</span>
    </span>
  );
}

function Missing({ card: { missing = [], metric } }: { card: MetricCard }) {
  if (!missing.length) return null;
  return (
    <Card title={metric.tier ? `What a ${metric.tier} metric should not lack` : "What it lacks"} className="card-warn">
      <ul className="lines">{missing.map((text) => <li key={text}><span className="wrap"><Marked text={text} /></span></li>)}</ul>
    </Card>
  );
}

function Formula({ card }: { card: MetricCard }) {
  const { metric, sql, refused } = card;
  return (
    <Card title="How it is computed">
      {metric.formula && <p className="formula mono">{metric.formula}</p>}
      {metric.filters?.map((filter) => <Code key={filter} text={filter} label="Filter" />)}
      {Boolean(metric.metrics?.length) && <p className="soft">From {metric.metrics!.map((name, place) => <span key={name}>{place > 0 && ", "}<MetricLink name={name} /></span>)}</p>}
      {sql && <><h3>SQL</h3><Code text={sql} label="SQL of the metric" /></>}
      {refused && <Empty>No SQL: {refused}</Empty>}
    </Card>
  );
}

function Origin({ card: { metric } }: { card: MetricCard }) {
  return (
    <Card title="Where it comes from">
      <Columns title="Sources" columns={metric.sources} />
      <Columns title="Computed from" columns={metric.columns} />
      <Columns title="Decided by" columns={metric.decided_by} />
      {!metric.columns?.length && !metric.sources?.length && <Empty>Its columns are not known.</Empty>}
    </Card>
  );
}

function Columns({ title, columns }: { title: string; columns: readonly string[] | undefined }) {
  if (!columns?.length) return null;
  return (
    <div className="origin">
      <h3>{title}</h3>
      <ul className="origin-columns">{columns.map((column) => <li key={column}><ColumnLink column={column} /></li>)}</ul>
    </div>
  );
}

function Versions({ versions }: { versions: readonly MetricVersion[] }) {
  if (!versions.length) return null;
  return (
    <Card title="Versions" note="the newest first">
      <ol className="versions">
        {versions.map((one) => (
          <li key={one.version}>
            <div className="row"><strong>{one.version}</strong><Tag>{one.kind}</Tag></div>
            <p>{one.why}</p>
            {one.release_note && <p className="soft">{one.release_note}</p>}
            <p className="faint small">{one.approved_by ? `approved by ${one.approved_by}` : "approved by nobody"}</p>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Facts({ card: { metric, times, freshness } }: { card: MetricCard }) {
  const facts: [string, ReactNode][] = [
    ["Why", metric.why],
    ["Unit", metric.unit],
    ["Good is", metric.direction],
    ["Also called", metric.synonyms?.join(", ")],
    ["Shown by", times?.join(", ")],
    ["Freshness", freshness?.join(", ")],
    ["Node", <NodeLink key="node" id={metric.node}>{metric.node}</NodeLink>],
    ["Declared in", metric.path && <code>{metric.path}</code>],
  ];
  return (
    <Card title="About it">
      <dl className="facts">
        {facts.filter(([, value]) => value).map(([name, value]) => <div key={name} className="fact-row"><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </Card>
  );
}

function List({ title, texts = [], empty, shown: Shown = Plain }: {
  title: string; texts?: readonly string[] | undefined; empty: string; shown?: (props: { text: string }) => ReactNode;
}) {
  return (
    <Card title={title}>
      {texts.length ? <ul className="lines">{texts.map((text) => <li key={text} className="wrap"><span><Shown text={text} /></span></li>)}</ul> : <Empty>{empty}</Empty>}
    </Card>
  );
}

function Plain({ text }: { text: string }) {
  return <>{text}</>;
}

/** `metric revenue_growth`, `exposure board`: of metrics, with their pages. */
function Used({ text }: { text: string }) {
  const [, kind, name] = /^(saved query|\S+) (.*)$/.exec(text) ?? [];
  if (!kind || !name) return <>{text}</>;
  return <><span className="faint">{kind}</span> {kind === "metric" ? <MetricLink name={name} /> : name}</>;
}
