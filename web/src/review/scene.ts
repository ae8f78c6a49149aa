// The change as a graph: all nodes whose definition changed, or what one finding reaches.

import { type Graph, slotOf } from "../data/graph";
import type { ChangedNode, Finding, Review } from "../data/types";
import { type Found, type Link, linkOf, merged } from "../data/walk";
import type { Ghost, Mark } from "../lineage/scene";

/** Boxes at most around one finding, and at all. */
const NEAR = 80;
const BOXES = 300;
/** Above this it is a map: nobody follows the columns of so many boxes. */
const WHOLE = 60;

export interface Marks {
  readonly node: ReadonlyMap<string, Mark>;
  readonly column: ReadonlyMap<string, Mark>;
  /** Columns that are gone, by id of their node. */
  readonly lost: ReadonlyMap<string, readonly string[]>;
  readonly byId: ReadonlyMap<string, ChangedNode>;
}

export function marksOf(graph: Graph, review: Review): Marks {
  const node = new Map<string, Mark>();
  const column = new Map<string, Mark>();
  const lost = new Map<string, string[]>();
  for (const one of review.nodes) {
    node.set(one.node, { word: one.change, reached: one.reached });
    if (one.rows) column.set(`${one.node}.`, { word: "changed", reached: one.reached });
    for (const { name, change, reached } of one.columns) {
      column.set(`${one.node}.${name}`, { word: change, reached });
      if (one.place >= 0 && slotOf(graph, one.place, name) === null) lost.set(one.node, [...(lost.get(one.node) ?? []), name]);
    }
  }
  return { node, column, lost, byId: new Map(review.nodes.map((one) => [one.node, one])) };
}

export interface Part {
  readonly found: Found;
  readonly ghosts: readonly Ghost[];
}

/** A node that is drawn, and the names of its columns that are; with its rows, or without. */
interface Shown {
  readonly node: ChangedNode;
  readonly columns: readonly string[];
  readonly rows: boolean;
}

/** Everything that changed; what is reached too, if there is room. */
export function allOf(graph: Graph, review: Review, reached: boolean): Part {
  const nodes = review.nodes.filter((one) => reached || !one.reached);
  return drawn(graph, nodes.map((node) => ({ node, columns: ownColumns(node), rows: node.rows })), BOXES);
}

/** What a finding is about, and what it reaches, the nearest first. */
export function ofFinding(graph: Graph, marks: Marks, finding: Finding): Part {
  const subject = marks.byId.get(finding.node);
  const shown: Shown[] = subject ? [{ node: subject, columns: finding.column ? [finding.column] : ownColumns(subject), rows: subject.rows && !finding.column }] : [];
  for (const { node, columns = [], rows = false } of finding.affected ?? []) {
    const found = marks.byId.get(node);
    if (found) shown.push({ node: found, columns, rows });
  }
  return drawn(graph, shown, NEAR);
}

/** A node, what changed that reaches it, and what it reaches. */
export function ofNode(graph: Graph, review: Review, marks: Marks, node: ChangedNode): Part {
  const near = new Set([node.node, ...findingsAt(review, node.node).reaching.map((finding) => finding.node)]);
  for (const { affected = [] } of findingsAt(review, node.node).about) for (const one of affected) near.add(one.node);
  const nodes = [...near].map((id) => marks.byId.get(id)).filter((one) => one !== undefined);
  return drawn(graph, nodes.map((one) => ({ node: one, columns: one === node ? one.columns.map(({ name }) => name) : ownColumns(one), rows: one.rows })), NEAR);
}

/** Its changed columns: those whose own SQL changed, or of a node that is only reached, all. */
function ownColumns(node: ChangedNode): string[] {
  return node.columns.filter(({ reached }) => node.reached || !reached).map(({ name }) => name);
}

function drawn(graph: Graph, shown: readonly Shown[], most: number): Part {
  const here = shown.filter(({ node }) => node.place >= 0);
  const drawn = here.slice(0, most);
  const boxes = new Map(drawn.map((one) => [one.node.place, drawn.length > WHOLE ? [] : slotsOf(graph, one)]));
  const slots = new Set([...boxes.values()].flat());
  const links = merged([...slots].flatMap((slot) => linksInto(graph, slot, slots)));
  const said = new Set(links.map(({ from, to }) => `${graph.owner[from]} ${graph.owner[to]}`));
  const ways = bridges(graph, new Set(boxes.keys())).filter(({ from, to }) => !said.has(`${graph.owner[from]} ${graph.owner[to]}`));
  return { found: { boxes, links: [...links, ...ways], more: here.length - boxes.size }, ghosts: ghostsOf(shown.map(({ node }) => node)) };
}

function slotsOf(graph: Graph, { node, columns, rows }: Shown): number[] {
  const slots = columns.map((name) => slotOf(graph, node.place, name)).filter((slot) => slot !== null);
  return rows ? [graph.starts[node.place]!, ...slots] : slots;
}

function ghostsOf(nodes: readonly ChangedNode[]): Ghost[] {
  return nodes.filter(({ place }) => place < 0).map(({ node, label, kind, columns }) => ({ id: node, label, kind, columns: columns.map(({ name }) => name) }));
}

function linksInto(graph: Graph, slot: number, known: ReadonlySet<number>): Link[] {
  const { starts, ends, codes } = graph.into;
  const links: Link[] = [];
  for (let edge = starts[slot]!; edge < starts[slot + 1]!; edge++) {
    if (known.has(ends[edge]!) && graph.kindClass[codes[edge]! >> 2]! < 4) links.push(linkOf(graph, ends[edge]!, slot, codes[edge]!));
  }
  return links;
}

/** Which of some nodes read each other, directly or through others. */
function bridges(graph: Graph, nodes: ReadonlySet<number>): Link[] {
  const links: Link[] = [];
  for (const node of nodes) {
    const seen = new Set([node]);
    const left = [node];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      for (const reader of graph.readers[at]!) {
        if (seen.has(reader)) continue;
        seen.add(reader);
        if (nodes.has(reader)) links.push({ from: graph.starts[node]!, to: graph.starts[reader]!, class: "depends", kinds: ["reads"], unsure: false });
        else left.push(reader);
      }
    }
  }
  return links;
}

/** Findings that are about a node, or reach it. */
export function findingsAt(review: Review, node: string): { about: Finding[]; reaching: Finding[] } {
  return {
    about: review.findings.filter((finding) => finding.node === node),
    reaching: review.findings.filter((finding) => finding.node !== node && finding.affected?.some((one) => one.node === node)),
  };
}
