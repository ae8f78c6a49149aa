// What is known of the column or node that is shown. Its lists of edges say what the graph draws,
// to those who do not see it.

import { type ReactNode, Suspense } from "react";
import { columnOf, type Graph, kindOf, labelOf, refOf, STATUSES, tagsOf } from "../data/graph";
import type { ColumnDetail, NodeDetail } from "../data/types";
import { href } from "../route";
import { Icon } from "../ui/icons";
import { Marked, Name } from "../ui/marked";
import { Code, State, Tag } from "../ui/parts";
import { columnDetail, stepsOf, useDetail } from "./detail";
import { ColumnEdges, NodeEdges } from "./edges";
import { KindIcon } from "./kind";
import { aboutOf } from "./scene";
import { addressOf, change, focusedOn, type State as Settings } from "./state";

export function Panel({ graph, state, slot, focus }: { graph: Graph; state: Settings; slot: number; focus: number }) {
  const node = graph.owner[slot]!;
  const column = columnOf(graph, slot);
  const rows = !column && Boolean(state.column);
  const ref = refOf(graph, slot);
  return (
    <aside className="panel" aria-label={`About ${labelOf(graph, slot)}`} tabIndex={-1} onKeyDown={(event) => event.key === "Escape" && change(state, { shown: null })}>
      <header className="panel-head">
        <KindIcon kind={column ? "column" : kindOf(graph, node)} size={18} />
        <div>
          <h2><Name text={column || (rows ? `Rows of ${graph.nodes.label[node]}` : graph.nodes.label[node]!)} /></h2>
          <p className="small faint">
            {column ? <>in <a href={addressOf(focusedOn(state, { node: graph.nodes.id[node]! }))}>{graph.nodes.label[node]}</a> · </> : null}{aboutOf(graph, node)}
          </p>
        </div>
        <button type="button" className="button button-bare panel-close" aria-label="Close the panel" onClick={() => change(state, { shown: null })}><Icon name="close" /></button>
      </header>
      <div className="panel-body">
        <div className="row">
          {slot !== focus && <a className="button" href={addressOf(focusedOn(state, column ? { column: ref } : { node: ref }))}>Focus here</a>}
          <a className="button" href={href(["node", graph.nodes.id[node]!])}>Open its page</a>
          {graph.nodes.status[node]! < 3 && <State word={STATUSES[graph.nodes.status[node]!]!}>lineage {STATUSES[graph.nodes.status[node]!]}</State>}
        </div>
        <Suspense fallback={<p className="faint" role="status">Loading…</p>}>
          <Details graph={graph} slot={slot} column={column} />
        </Suspense>
        {column || rows ? <ColumnEdges graph={graph} state={state} slot={slot} /> : <NodeEdges graph={graph} state={state} node={node} />}
        <Suspense fallback={null}><Sql node={node} /></Suspense>
      </div>
    </aside>
  );
}

function Details({ graph, slot, column }: { graph: Graph; slot: number; column: string }) {
  const detail = useDetail(graph.owner[slot]!);
  const one = column ? columnDetail(detail, column) : undefined;
  const problems = column ? one?.problems : detail.problems;
  return (
    <>
      <p className={(column ? one?.description : detail.description) ? "panel-text" : "faint"}>
        <Marked text={(column ? one?.description : detail.description) || "No description."} />
      </p>
      <Facts graph={graph} slot={slot} column={column} detail={detail} one={one} />
      {Boolean(problems?.length) && (
        <Section title="Why it is not proven">
          <ul className="problems">{problems!.map((problem) => <li key={problem}><Marked text={problem} /></li>)}</ul>
        </Section>
      )}
      <Steps one={one} />
    </>
  );
}

function Facts({ graph, slot, column, detail, one }: {
  graph: Graph; slot: number; column: string; detail: NodeDetail; one: ColumnDetail | undefined;
}) {
  const node = graph.owner[slot]!;
  const tests = column ? one?.tests : detail.tests;
  const { declared, arrived } = tagsOf(graph, slot);
  const tags = column ? declared : graph.nodes.tags[node]!.map((tag) => graph.nodes.tag_names[tag]!);
  const facts: [string, ReactNode][] = [
    ["Type", one?.type && <code>{one.type}</code>],
    ["Known from", one?.inferred && "whoever reads it: nothing else says that it exists"],
    ["Note", one?.note],
    ["Table", !column && detail.relation && <code>{detail.relation}</code>],
    ["File", !column && detail.path && <code><Name text={`${detail.path}${detail.line ? `:${detail.line}` : ""}`} /></code>],
    ["Columns", !column && graph.nodes.columns[node]!.length],
    ["Promises", !column && detail.promises?.length ? detail.promises.join(", ") : ""],
    ["Tests", tests?.length ? <ul>{tests.map((test) => <li key={test}><code>{test}</code></li>)}</ul> : ""],
    ["Tags", tags.length || arrived.length ? (
      <span className="row">
        {tags.map((tag) => <Tag key={tag}>{tag}</Tag>)}
        {arrived.map((tag) => <span key={tag} className="chip chip-arrived">{tag} arrived here</span>)}
      </span>
    ) : ""],
  ];
  const said = facts.filter(([, value]) => value);
  return said.length > 0 && <dl className="facts">{said.map(([name, value]) => <div key={name} className="known"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function Steps({ one }: { one: ColumnDetail | undefined }) {
  const steps = stepsOf(one);
  if (!steps.length) return null;
  return (
    <Section title={steps.length === 1 ? "How it is computed" : `How it is computed, in ${steps.length} steps`}>
      <ol className="steps">
        {steps.map(([cte, sql], place) => (
          <li key={place}>
            <span className="small faint">{cte ? <>in <code>{cte}</code></> : "in the final SELECT"}</span>
            <Code text={sql} label={`Step ${place + 1}`} />
          </li>
        ))}
      </ol>
      {one!.more ? <p className="faint">{one!.more} more steps are left out.</p> : null}
    </Section>
  );
}

function Sql({ node }: { node: number }) {
  const { sql, compiled = true, language } = useDetail(node);
  if (!sql) return null;
  return (
    <details className="section">
      <summary>{language === "python" ? "Its Python" : compiled ? "Compiled SQL of the node" : "SQL of the node, as written"}</summary>
      <Code text={sql} label="SQL of the node" />
    </details>
  );
}

export function Section({ title, children }: { title: ReactNode; children: ReactNode }) {
  return <section className="section"><h3>{title}</h3>{children}</section>;
}
