// The column graph in typed arrays. A node with n columns has n + 1 slots in a row; the first of
// them is its rows. Edges are kept twice, by target and by source, so that both ways are walked
// without a search.

import { use } from "react";
import { load } from "./load";
import type { Edges, Nodes } from "./types";

/** What an edge means, by its number in `edgeClass`. */
export const CLASSES = ["value", "control", "rows", "depends"] as const;
export type EdgeClass = (typeof CLASSES)[number];

export const STATUSES = ["proven", "partial", "unknown", "no lineage"] as const;

/** All nodes, and which slots are whose. */
export interface Names {
  readonly nodes: Nodes;
  /** First slot of each node; one more than there are nodes. */
  readonly starts: Uint32Array;
  /** Node of each slot. */
  readonly owner: Uint32Array;
  readonly place: ReadonlyMap<string, number>;
}

/** Edges of one way: those of slot s lie from `starts[s]` to `starts[s + 1]`. */
export interface Way {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Kind times four, plus how sure it is. */
  readonly codes: Uint8Array;
}

export interface Graph extends Names {
  readonly into: Way;
  readonly out: Way;
  /** Places of the nodes that read each node. */
  readonly readers: readonly (readonly number[])[];
  readonly kindNames: readonly string[];
  /** Class of each kind, as a number; 4 for tests, which are not drawn. */
  readonly kindClass: Uint8Array;
}

let names: Promise<Names> | undefined;
let graph: Promise<Graph> | undefined;

export function loadNames(): Promise<Names> {
  names ??= load<Nodes>("nodes").then(namesOf);
  return names;
}

export function loadGraph(): Promise<Graph> {
  graph ??= Promise.all([loadNames(), load<Edges>("edges")]).then(([found, edges]) => graphOf(found, edges));
  return graph;
}

/** The graph, in a component under a Suspense. */
export function useGraph(): Graph {
  return use(loadGraph());
}

export function namesOf(nodes: Nodes): Names {
  const count = nodes.id.length;
  const starts = new Uint32Array(count + 1);
  for (let node = 0; node < count; node++) starts[node + 1] = starts[node]! + 1 + nodes.columns[node]!.length;
  const owner = new Uint32Array(starts[count]!);
  for (let node = 0; node < count; node++) owner.fill(node, starts[node]!, starts[node + 1]!);
  return { nodes, starts, owner, place: new Map(nodes.id.map((id, node) => [id, node])) };
}

export function graphOf(found: Names, edges: Edges): Graph {
  const into: Way = { starts: sums(edges.counts), ends: Uint32Array.from(edges.sources), codes: Uint8Array.from(edges.kinds) };
  return {
    ...found,
    into,
    out: reversed(into),
    readers: readersOf(found.nodes.parents),
    kindNames: edges.names,
    kindClass: Uint8Array.from(edges.classes, (name) => {
      const place = CLASSES.indexOf(name as EdgeClass);
      return place < 0 ? CLASSES.length : place;
    }),
  };
}

function sums(counts: readonly number[]): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let slot = 0; slot < counts.length; slot++) starts[slot + 1] = starts[slot]! + counts[slot]!;
  return starts;
}

function reversed(into: Way): Way {
  const slots = into.starts.length - 1;
  const starts = new Uint32Array(slots + 1);
  for (const source of into.ends) starts[source + 1]!++;
  for (let slot = 0; slot < slots; slot++) starts[slot + 1]! += starts[slot]!;
  const next = starts.slice();
  const ends = new Uint32Array(into.ends.length);
  const codes = new Uint8Array(into.ends.length);
  for (let target = 0; target < slots; target++) {
    for (let edge = into.starts[target]!; edge < into.starts[target + 1]!; edge++) {
      const free = next[into.ends[edge]!]!++;
      ends[free] = target;
      codes[free] = into.codes[edge]!;
    }
  }
  return { starts, ends, codes };
}

function readersOf(parents: readonly (readonly number[])[]): number[][] {
  const readers: number[][] = parents.map(() => []);
  parents.forEach((read, node) => read.forEach((parent) => readers[parent]!.push(node)));
  return readers;
}

// -- names of slots --------------------------------------------------------------

/** Name of a slot's column; empty for rows. */
export function columnOf({ nodes, starts, owner }: Names, slot: number): string {
  const node = owner[slot]!;
  const column = slot - starts[node]! - 1;
  return column < 0 ? "" : nodes.columns[node]![column]!;
}

/** Slot of a column, in any case; of the node's rows for an empty name; null if there is none. */
export function slotOf({ nodes, starts }: Names, node: number, column: string): number | null {
  if (!column) return starts[node]!;
  const known = nodes.columns[node]!;
  let place = known.indexOf(column);
  if (place < 0) place = known.findIndex((name) => name.toLowerCase() === column.toLowerCase());
  return place < 0 ? null : starts[node]! + 1 + place;
}

/** `<unique_id>.<column>`, or the id alone for rows: what stands in addresses. */
export function refOf(found: Names, slot: number): string {
  const id = found.nodes.id[found.owner[slot]!]!;
  const column = columnOf(found, slot);
  return column ? `${id}.${column}` : id;
}

/** `orders.amount`, or `orders` for rows: what people call it. */
export function labelOf(found: Names, slot: number): string {
  const label = found.nodes.label[found.owner[slot]!]!;
  const column = columnOf(found, slot);
  return column ? `${label}.${column}` : label;
}

/** The slot that somebody means by `<unique_id>.<column>`, `orders.amount` or a node alone. */
export function findSlot(found: Names, text: string): number | null {
  const labels = labelsOf(found);
  const node = found.place.get(text) ?? labels.get(text.toLowerCase());
  if (node !== undefined) return found.starts[node]!;
  // Both names may hold dots: the longest name of a node that leaves a column of it is meant.
  for (let dot = text.lastIndexOf("."); dot > 0; dot = text.lastIndexOf(".", dot - 1)) {
    const before = text.slice(0, dot);
    const owner = found.place.get(before) ?? labels.get(before.toLowerCase());
    const slot = owner === undefined ? null : slotOf(found, owner, text.slice(dot + 1));
    if (slot !== null) return slot;
  }
  return null;
}

const labels = new WeakMap<Names, Map<string, number>>();

function labelsOf(found: Names): Map<string, number> {
  let known = labels.get(found);
  if (!known) {
    known = new Map();
    const { label, kind, kinds } = found.nodes;
    for (let node = label.length - 1; node >= 0; node--) {
      const name = label[node]!.toLowerCase();
      // A model is meant before whatever else bears its name.
      if (!known.has(name) || kinds[kind[node]!] === "model") known.set(name, node);
    }
    labels.set(found, known);
  }
  return known;
}

export function kindOf({ nodes }: Names, node: number): string {
  return nodes.kinds[nodes.kind[node]!]!;
}

/** Tags of a column: those declared on it, and those that arrived with its values. */
export function tagsOf({ nodes }: Names, slot: number): { declared: string[]; arrived: string[] } {
  const declared: string[] = [];
  const arrived: string[] = [];
  for (const code of nodes.column_tags[slot] ?? []) {
    if (code >= 0) declared.push(nodes.tag_names[code]!);
    else arrived.push(nodes.tag_names[-code - 1]!);
  }
  return { declared, arrived };
}
