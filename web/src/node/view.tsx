// One node: its runs over time, its tests, its columns, its code.

import { useMemo } from "react";
import { has, index, useData } from "../data/load";
import type { NodeDetail, NodeRuns, Nodes } from "../data/types";
import { ago, counted, dateTime, length, number } from "../data/words";
import { href, type Route } from "../route";
import { Icon } from "../ui/icons";
import { Marked } from "../ui/marked";
import { Card, Code, Empty, Figure, Page, Tag, tone } from "../ui/parts";
import { About, Columns } from "./about";
import { Failures } from "./failures";
import { median, outcome, ownRuns, testRuns } from "./runs";
import { RunPlots } from "./plots";
import { Tests } from "./tests";

export function NodeView({ route }: { route: Route }) {
  const id = route.path.slice(1).join("/");
  const nodes = useData<Nodes>("nodes");
  const place = useMemo(() => nodes.id.indexOf(id), [nodes, id]);
  if (place < 0) {
    return <Page title={id} lead="There is no such node in this report."><a href="#/lineage">To the lineage</a></Page>;
  }
  return <One nodes={nodes} place={place} />;
}

function One({ nodes, place }: { nodes: Nodes; place: number }) {
  const chunk = Math.floor(place / index.details);
  const detail = useData<NodeDetail[]>(`details/${chunk}`)[place % index.details] ?? {};
  const id = nodes.id[place]!;
  return (
    <Page title={nodes.label[place]} lead={<Lead nodes={nodes} place={place} detail={detail} />} actions={
      <a className="button" href={href(["lineage"], { node: id })}><Icon name="lineage" /> Lineage</a>
    }>
      {detail.description && <p className="prose"><Marked text={detail.description} /></p>}
      {has(`runs/${chunk}`) ? <Runs chunk={chunk} place={place} detail={detail} /> : <NoRuns />}
      <About nodes={nodes} place={place} detail={detail} />
      <Columns id={id} label={nodes.label[place]!} columns={detail.columns ?? []} />
      {detail.sql && (
        <Card title={detail.language === "python" ? "Python" : "SQL"} note={detail.compiled === false ? "as written" : "compiled"}>
          <Code text={detail.sql} label={`Code of ${nodes.label[place]}`} />
        </Card>
      )}
    </Page>
  );
}

function Lead({ nodes, place, detail }: { nodes: Nodes; place: number; detail: NodeDetail }) {
  const kind = nodes.kinds[nodes.kind[place]!];
  const materialized = nodes.materializations[nodes.materialized[place]!];
  const owner = detail.owner || nodes.owners[nodes.owner[place]!];
  return (
    <span className="row">
      {kind && <Tag>{kind}</Tag>}
      {materialized && <Tag>{materialized}</Tag>}
      {nodes.tags[place]!.map((tag) => <Tag key={tag}>{nodes.tag_names[tag]}</Tag>)}
      <span>{owner || <span className="faint">nobody owns it</span>}</span>
      {detail.path && <code className="faint wrap">{detail.path}{detail.line ? `:${detail.line}` : ""}</code>}
    </span>
  );
}

function NoRuns() {
  if (index.has.includes("oncall")) return null;
  return <Card title="Runs"><Empty>There is no history of runs: <code>analyticsops ingest</code> after each dbt run starts one.</Empty></Card>;
}

function Runs({ chunk, place, detail }: { chunk: number; place: number; detail: NodeDetail }) {
  const all = useData<Record<string, NodeRuns[]>>(`runs/${chunk}`)[place];
  if (!all?.length) return <Card title="Runs"><Empty>The history has no run of it.</Empty></Card>;
  const own = ownRuns(all);
  const tests = testRuns(all);
  return (
    <>
      <Figures own={own} tests={tests} detail={detail} />
      {own.map((runs) => <RunPlots key={runs.kind} runs={runs} />)}
      {tests.length > 0 && <Card title="Tests" note="the oldest run is on the left"><Tests tests={tests} /></Card>}
      <Failures all={all} />
    </>
  );
}

function Figures({ own, tests, detail }: { own: readonly NodeRuns[]; tests: readonly NodeRuns[]; detail: NodeDetail }) {
  const [runs] = own;
  const last = runs ? runs.at.length - 1 : -1;
  const ended = tests.map((test) => tone(outcome(test, test.at.length - 1)));
  const failing = ended.filter((how) => how === "bad").length;
  const unseen = ended.filter((how) => how === "quiet").length;
  const usual = runs ? median(runs.seconds) : null;
  const rows = runs?.rows[last];
  const newest = runs?.data[last];
  return (
    <div className="figures">
      {runs && <Figure value={outcome(runs, last)} label={<span title={dateTime(runs.at[last])}>last {runs.kind}, {ago(runs.at[last], index.at)}</span>} tone={tone(outcome(runs, last))} />}
      {runs && usual !== null && <Figure value={length(runs.seconds[last] ?? null)} label={`took the last one, usually ${length(usual)}`} />}
      {typeof rows === "number" && <Figure value={number(rows)} label="rows, the last time" />}
      {typeof newest === "number" && <Figure value={length(index.at - newest)} label={`since its newest data, ${dateTime(newest)}`} />}
      {tests.length > 0 && <Figure value={failing} label={`of ${counted(tests.length, "test")} failing${unseen ? `, ${unseen} did not run the last time` : ""}`} tone={failing ? "bad" : unseen ? "quiet" : "good"} />}
      <Figure value={number(detail.columns?.length ?? 0)} label="columns" />
    </div>
  );
}
