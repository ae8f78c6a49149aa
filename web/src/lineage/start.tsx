// Where to begin when no column is chosen.

import { useMemo, useState } from "react";
import { type Graph, kindOf, labelOf, refOf, STATUSES } from "../data/graph";
import { counted, number, percent } from "../data/words";
import { recents } from "../search/recent";
import { openSearch } from "../search/search";
import { Icon } from "../ui/icons";
import { Bar, Card, Empty, Page } from "../ui/parts";
import { type Column, Table } from "../ui/table";
import { KindIcon } from "./kind";
import { aboutOf } from "./scene";
import { addressOf, change, focusedOn, type State } from "./state";

export function Start({ graph, state }: { graph: Graph; state: State }) {
  const { nodes } = graph;
  const columns = graph.owner.length - nodes.id.length;
  const lately = useMemo(() => recents().filter(({ to }) => to.startsWith("#/lineage")), []);
  const read = useMemo(() => mostRead(graph), [graph]);
  const ends = useMemo(() => endsOf(graph), [graph]);
  return (
    <Page title="Lineage" lead={`${counted(columns, "column")} of ${counted(nodes.id.length, "node")}. Choose one to see what it is made of, and what is made of it.`}>
      <button type="button" className="start-search" onClick={openSearch}>
        <Icon name="search" />Find a column or a node<kbd>/</kbd>
      </button>
      <div className="grid">
        {lately.length > 0 && (
          <Card title="Lately">
            <ul className="picks">{lately.map(({ kind, label, to }) => <li key={to}><a href={to}><KindIcon kind={kind} /><span>{label}</span></a></li>)}</ul>
          </Card>
        )}
        <Card title="Read by most"><Picks graph={graph} state={state} nodes={read} said={(node) => counted(graph.readers[node]!.length, "reader")} /></Card>
        <Card title="Ends of the line" note="exposures, and models that nothing reads">
          <Picks graph={graph} state={state} nodes={ends} said={(node) => aboutOf(graph, node)} />
        </Card>
      </div>
      {nodes.tag_names.length > 0 && <Tagged graph={graph} state={state} />}
      <Card title="Coverage by folder" note="how much of the lineage is proven"><Folders graph={graph} /></Card>
    </Page>
  );
}

function Picks({ graph, state, nodes, said }: { graph: Graph; state: State; nodes: readonly number[]; said: (node: number) => string }) {
  if (!nodes.length) return <Empty>None.</Empty>;
  return (
    <ul className="picks">
      {nodes.map((node) => (
        <li key={node}>
          <a href={addressOf(focusedOn(state, { node: graph.nodes.id[node]! }))}>
            <KindIcon kind={kindOf(graph, node)} /><span>{graph.nodes.label[node]}</span><span className="picks-said">{said(node)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function mostRead({ readers }: Graph): number[] {
  return readers.map((_, node) => node).filter((node) => readers[node]!.length > 1)
    .sort((a, b) => readers[b]!.length - readers[a]!.length).slice(0, 8);
}

function endsOf(graph: Graph): number[] {
  const all = graph.readers.map((_, node) => node);
  const exposures = all.filter((node) => kindOf(graph, node) === "exposure");
  const marts = all.filter((node) => kindOf(graph, node) === "model" && !graph.readers[node]!.length)
    .sort((a, b) => graph.nodes.parents[b]!.length - graph.nodes.parents[a]!.length);
  return [...exposures.slice(0, 4), ...marts].slice(0, 8);
}

/** Columns that carry a tag that travels. */
function Tagged({ graph, state }: { graph: Graph; state: State }) {
  const { nodes } = graph;
  const [all, setAll] = useState(false);
  const place = nodes.tag_names.indexOf(state.tag);
  const slots = Object.entries(nodes.column_tags)
    .filter(([, codes]) => (place < 0 ? false : codes.includes(place) || codes.includes(-place - 1)))
    .map(([slot]) => Number(slot));
  return (
    <Card title="By tag" note={state.tag ? `${counted(slots.length, "column")} carry it` : "tags travel along values"}>
      <select className="input" aria-label="Tag" value={state.tag} onChange={(event) => change(state, { tag: event.target.value }, true)}>
        <option value="">Choose a tag</option>
        {[...nodes.tag_names].sort().map((tag) => <option key={tag}>{tag}</option>)}
      </select>
      {slots.length > 0 && (
        <ul className="picks picks-columns">
          {slots.slice(0, all ? 500 : 12).map((slot) => (
            <li key={slot}>
              <a href={addressOf(focusedOn(state, { column: refOf(graph, slot) }))}>
                <KindIcon kind="column" /><span>{labelOf(graph, slot)}</span>
                <span className="picks-said">{nodes.column_tags[slot]!.includes(place) ? "declared" : "arrived"}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {slots.length > 12 && !all && <button type="button" className="button" onClick={() => setAll(true)}>Show more</button>}
    </Card>
  );
}

interface Folder {
  readonly name: string;
  readonly columns: number;
  /** Columns by status of their node: proven, partial, unknown. */
  readonly by: readonly number[];
}

const TONES = ["good", "warn", "bad"];

const FOLDERS: readonly Column<Folder>[] = [
  { name: "Folder", cell: ({ name }) => <code>{name}</code>, by: ({ name }) => name, grow: true },
  { name: "Columns", cell: ({ columns }) => number(columns), by: ({ columns }) => columns, number: true },
  {
    name: "Lineage", by: ({ by, columns }) => by[0]! / columns,
    cell: ({ by, name }) => <Bar label={name} parts={by.map((value, status) => ({ name: STATUSES[status]!, value, tone: TONES[status]! }))} />,
  },
  { name: "Proven", cell: ({ by, columns }) => percent(by[0]! / columns), by: ({ by, columns }) => by[0]! / columns, number: true },
];

function Folders({ graph }: { graph: Graph }) {
  const rows = useMemo(() => foldersOf(graph), [graph]);
  return <Table rows={rows} columns={FOLDERS} keyOf={({ name }) => name} caption="Coverage by folder" start="-Columns" empty="No model has columns." />;
}

function foldersOf(graph: Graph): Folder[] {
  const { nodes } = graph;
  const found = new Map<string, number[]>();
  nodes.columns.forEach((columns, node) => {
    const status = nodes.status[node]!;
    if (status > 2 || !columns.length || !["model", "snapshot"].includes(kindOf(graph, node))) return;
    const name = nodes.folders[nodes.folder[node]!] || "(none)";
    const by = found.get(name) ?? [0, 0, 0];
    by[status]! += columns.length;
    found.set(name, by);
  });
  return [...found].map(([name, by]) => ({ name, by, columns: by.reduce((sum, count) => sum + count, 0) }));
}
