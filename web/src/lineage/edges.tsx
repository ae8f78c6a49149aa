// Edges of a column or a node as lists of links.

import { useState } from "react";
import { columnOf, type Graph, kindOf, labelOf, refOf } from "../data/graph";
import { type Link, linkOf, merged } from "../data/walk";
import { counted } from "../data/words";
import { KindIcon } from "./kind";
import { Name } from "../ui/marked";
import { Section } from "./panel";
import { addressOf, focusedOn, type State } from "./state";
import { CLASS_WORDS, Sample } from "./toolbar";

const FIRST = 12;

export function ColumnEdges({ graph, state, slot }: { graph: Graph; state: State; slot: number }) {
  const into = merged(edgesAt(graph, slot, false));
  const out = merged(edgesAt(graph, slot, true));
  return (
    <>
      <Section title={`Comes from (${into.length})`}>
        <Edges graph={graph} state={state} links={into} end="from" empty="Nothing: it is where the lineage begins." />
      </Section>
      <Section title={`Used by (${out.length})`}>
        <Edges graph={graph} state={state} links={out} end="to" empty="Nothing in this project reads it." />
      </Section>
    </>
  );
}

function edgesAt(graph: Graph, slot: number, down: boolean): Link[] {
  const { starts, ends, codes } = down ? graph.out : graph.into;
  const links: Link[] = [];
  for (let edge = starts[slot]!; edge < starts[slot + 1]!; edge++) {
    const [from, to] = down ? [slot, ends[edge]!] : [ends[edge]!, slot];
    if (graph.kindClass[codes[edge]! >> 2]! < 4) links.push(linkOf(graph, from, to, codes[edge]!));
  }
  return links;
}

function Edges({ graph, state, links, end, empty }: { graph: Graph; state: State; links: readonly Link[]; end: "from" | "to"; empty: string }) {
  const [all, setAll] = useState(false);
  if (!links.length) return <p className="faint">{empty}</p>;
  const shown = all ? links : links.slice(0, FIRST);
  return (
    <>
      <ul className="edges">
        {shown.map((link) => <Edge key={`${link[end]} ${link.class}`} graph={graph} state={state} link={link} slot={link[end]} />)}
      </ul>
      {links.length > shown.length && <button type="button" className="button" onClick={() => setAll(true)}>All {counted(links.length, "edge")}</button>}
    </>
  );
}

function Edge({ graph, state, link, slot }: { graph: Graph; state: State; link: Link; slot: number }) {
  const column = columnOf(graph, slot);
  return (
    <li>
      <Sample name={link.class} unsure={link.unsure} />
      <span className="edge-what">
        <a href={addressOf(focusedOn(state, column ? { column: refOf(graph, slot) } : { node: refOf(graph, slot) }))} title={refOf(graph, slot)}>
          <Name text={labelOf(graph, slot)} />
        </a>
        <span className="small faint">
          {CLASS_WORDS[link.class].name.toLowerCase()}: {link.kinds.join(", ").replaceAll("_", " ")}{link.unsure ? " (uncertain)" : ""}
        </span>
      </span>
    </li>
  );
}

export function NodeEdges({ graph, state, node }: { graph: Graph; state: State; node: number }) {
  const parents = graph.nodes.parents[node]!;
  const readers = graph.readers[node]!;
  return (
    <>
      <Section title={`Reads (${parents.length})`}><NodeList graph={graph} state={state} nodes={parents} empty="No node of this project." /></Section>
      <Section title={`Read by (${readers.length})`}><NodeList graph={graph} state={state} nodes={readers} empty="No node of this project." /></Section>
      <Columns graph={graph} state={state} node={node} />
    </>
  );
}

function NodeList({ graph, state, nodes, empty }: { graph: Graph; state: State; nodes: readonly number[]; empty: string }) {
  const [all, setAll] = useState(false);
  if (!nodes.length) return <p className="faint">{empty}</p>;
  const shown = all ? nodes : nodes.slice(0, FIRST);
  return (
    <>
      <ul className="edges">
        {shown.map((node) => (
          <li key={node}>
            <KindIcon kind={kindOf(graph, node)} />
            <a href={addressOf(focusedOn(state, { node: graph.nodes.id[node]! }))}><Name text={graph.nodes.label[node]!} /></a>
          </li>
        ))}
      </ul>
      {nodes.length > shown.length && <button type="button" className="button" onClick={() => setAll(true)}>All {nodes.length}</button>}
    </>
  );
}

function Columns({ graph, state, node }: { graph: Graph; state: State; node: number }) {
  const [wanted, setWanted] = useState("");
  const columns = graph.nodes.columns[node]!;
  const found = columns.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  if (!columns.length) return null;
  return (
    <Section title={`Columns (${columns.length})`}>
      {columns.length > FIRST && <input className="input" placeholder="Filter" aria-label="Filter the columns" value={wanted} onChange={(event) => setWanted(event.target.value)} />}
      <ul className="edges">
        {found.slice(0, 60).map((name) => (
          <li key={name}><a href={addressOf(focusedOn(state, { column: `${graph.nodes.id[node]}.${name}` }))}>{name}</a></li>
        ))}
      </ul>
      {found.length > 60 && <p className="faint">{found.length - 60} more: filter them.</p>}
    </Section>
  );
}
