// Walks from a column, a node or a node's rows, the nearest first, until so many boxes are found.

import { CLASSES, type EdgeClass, type Graph, type Way } from "./graph";

/** What is drawn between two slots: all edges of one class between them. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly class: EdgeClass;
  /** Names of kinds: `cast`, `filter`, ... */
  readonly kinds: readonly string[];
  /** True if one of them is ambiguous or partial. */
  readonly unsure: boolean;
}

export interface Asked {
  readonly starts: readonly number[];
  /** At most so many steps; `Infinity` for all. */
  readonly up: number;
  readonly down: number;
  readonly classes: ReadonlySet<EdgeClass>;
  /** Nodes that are stepped over: what they join is joined directly. */
  readonly hidden: (node: number) => boolean;
  /** Slots that may be stepped on. */
  readonly kept: (slot: number) => boolean;
  readonly boxes: number;
}

export interface Found {
  /** Slots that were reached, by node, the nearest node first. */
  readonly boxes: ReadonlyMap<number, readonly number[]>;
  readonly links: readonly Link[];
  /** Boxes that were reached besides. */
  readonly more: number;
}

const SEEN = 1;
const BEYOND = 2;

/** One direction of a walk. */
interface Side {
  readonly way: Way;
  readonly down: boolean;
  readonly depth: number;
  /** What is known of each slot: nothing, seen, or seen beyond the last box. */
  readonly state: Uint8Array;
  front: number[];
}

export function walk(graph: Graph, asked: Asked): Found {
  const boxes = new Map<number, number[]>();
  const beyond = new Set<number>();
  const mask = Uint8Array.from([...CLASSES, ""], (name) => Number(asked.classes.has(name as EdgeClass)));
  const sides = [sideOf(graph, asked, false), sideOf(graph, asked, true)];
  for (const slot of asked.starts) put(boxes, graph.owner[slot]!, slot);

  const step = (side: Side, slot: number, past: boolean): boolean => {
    const node = graph.owner[slot]!;
    if (side.state[slot] || !asked.kept(slot)) return false;
    const hidden = asked.hidden(node);
    const fits = !past && (hidden || boxes.has(node) || boxes.size < asked.boxes);
    side.state[slot] = fits ? SEEN : BEYOND;
    if (fits && !hidden) put(boxes, node, slot);
    if (!fits && !hidden) beyond.add(node);
    return true;
  };

  for (let depth = 1; sides.some((side) => side.front.length && depth <= side.depth); depth++) {
    for (const side of sides) if (depth <= side.depth) side.front = nextFront(graph, side, mask, asked.hidden, step);
  }
  for (const node of boxes.keys()) beyond.delete(node);
  const links = sides.flatMap((side) => linksOf(graph, side, mask));
  return { boxes, links: joined(graph, links, asked.hidden), more: beyond.size };
}

function sideOf(graph: Graph, asked: Asked, down: boolean): Side {
  const state = new Uint8Array(graph.owner.length);
  for (const slot of asked.starts) state[slot] = SEEN;
  return { way: down ? graph.out : graph.into, down, depth: down ? asked.down : asked.up, state, front: [...asked.starts] };
}

function nextFront(
  graph: Graph, side: Side, mask: Uint8Array, hidden: (node: number) => boolean,
  step: (side: Side, slot: number, past: boolean) => boolean,
): number[] {
  const next: number[] = [];
  const here = side.front;
  // What is hidden is no step: its neighbours belong to this front.
  for (let place = 0; place < here.length; place++) {
    const slot = here[place]!;
    const past = side.state[slot] === BEYOND;
    eachEdge(graph, side, slot, mask, (end) => {
      if (step(side, end, past)) (hidden(graph.owner[end]!) ? here : next).push(end);
    });
  }
  return next;
}

/** Calls back with every edge of a slot, and those by which its whole node is used: from its rows. */
function eachEdge(graph: Graph, side: Side, slot: number, mask: Uint8Array, call: (end: number, code: number, rows: number | null) => void): void {
  const { starts, ends, codes } = side.way;
  for (let edge = starts[slot]!; edge < starts[slot + 1]!; edge++) {
    const code = codes[edge]!;
    if (mask[graph.kindClass[code >> 2]!]) call(ends[edge]!, code, null);
  }
  const rows = graph.starts[graph.owner[slot]!]!;
  if (!side.down || rows === slot || !mask[3]) return;
  for (let edge = starts[rows]!; edge < starts[rows + 1]!; edge++) {
    if (graph.kindClass[codes[edge]! >> 2] === 3 && graph.owner[ends[edge]!] !== graph.owner[slot]) call(ends[edge]!, codes[edge]!, rows);
  }
}

function linksOf(graph: Graph, side: Side, mask: Uint8Array): Link[] {
  const found: Link[] = [];
  for (let slot = 0; slot < side.state.length; slot++) {
    if (side.state[slot] !== SEEN) continue;
    eachEdge(graph, side, slot, mask, (end, code, rows) => {
      if (side.state[end] !== SEEN) return;
      found.push(linkOf(graph, rows ?? (side.down ? slot : end), side.down ? end : slot, code));
      if (rows !== null) found.push({ from: slot, to: rows, class: "depends", kinds: ["part of it"], unsure: false });
    });
  }
  return found;
}

export function linkOf(graph: Graph, from: number, to: number, code: number): Link {
  const kind = code >> 2;
  return { from, to, class: CLASSES[graph.kindClass[kind]!]!, kinds: [graph.kindNames[kind]!], unsure: (code & 3) >= 2 };
}

/** Links of the same ends and class as one; those over hidden nodes joined. */
function joined(graph: Graph, links: readonly Link[], hidden: (node: number) => boolean): Link[] {
  let kept = merged(links);
  const over = new Set<number>();
  for (const { from, to } of kept) {
    if (hidden(graph.owner[from]!)) over.add(from);
    if (hidden(graph.owner[to]!)) over.add(to);
  }
  for (const slot of over) kept = bridged(kept, slot);
  return kept;
}

function bridged(links: readonly Link[], slot: number): Link[] {
  const before = links.filter(({ to, from }) => to === slot && from !== slot);
  const after = links.filter(({ from, to }) => from === slot && to !== slot);
  const rest = links.filter(({ from, to }) => from !== slot && to !== slot);
  const made = before.flatMap((first) => after.map((second) => ({
    from: first.from,
    to: second.to,
    // A value that only decides is one that decides, however it gets there.
    class: CLASSES[Math.max(CLASSES.indexOf(first.class), CLASSES.indexOf(second.class))]!,
    kinds: [...new Set([...first.kinds, ...second.kinds])],
    unsure: first.unsure || second.unsure,
  })));
  return made.length ? merged([...rest, ...made]) : rest;
}

export function merged(links: readonly Link[]): Link[] {
  const found = new Map<string, Link>();
  for (const link of links) {
    const key = `${link.from} ${link.to} ${link.class}`;
    const known = found.get(key);
    found.set(key, known ? {
      ...known, kinds: [...new Set([...known.kinds, ...link.kinds])], unsure: known.unsure || link.unsure,
    } : link);
  }
  return [...found.values()];
}

function put(boxes: Map<number, number[]>, node: number, slot: number): void {
  const known = boxes.get(node);
  if (!known) boxes.set(node, [slot]);
  else if (!known.includes(slot)) known.push(slot);
}

// -- whole nodes -----------------------------------------------------------------

export interface NodesAsked {
  readonly starts: readonly number[];
  readonly up: number;
  readonly down: number;
  readonly hidden: (node: number) => boolean;
  readonly boxes: number;
}

/** Likewise over whole nodes: which reads which. Links lie between their rows. */
export function walkNodes(graph: Graph, asked: NodesAsked): Found {
  const near: [number, (node: number) => readonly number[]][] = [
    [asked.up, (node) => graph.nodes.parents[node]!],
    [asked.down, (node) => graph.readers[node]!],
  ];
  const seen = new Map<number, number[]>(asked.starts.map((node) => [node, []]));
  const beyond = new Set<number>();
  const reached = near.map(() => new Set(asked.starts));
  let fronts: number[][] = near.map(() => [...asked.starts]);
  for (let depth = 1; fronts.some((front) => front.length); depth++) {
    fronts = fronts.map((front, side) => {
      const [most, ends] = near[side]!;
      const next: number[] = [];
      if (depth > most) return next;
      for (let place = 0; place < front.length; place++) {
        for (const end of ends(front[place]!)) {
          if (reached[side]!.has(end)) continue;
          reached[side]!.add(end);
          const hidden = asked.hidden(end);
          if (!hidden && !seen.has(end) && seen.size >= asked.boxes) beyond.add(end);
          else if (!hidden && !seen.has(end)) seen.set(end, []);
          (hidden ? front : next).push(end);
        }
      }
      return next;
    });
  }
  for (const node of seen.keys()) beyond.delete(node);
  const links = reached.flatMap((nodes) => nodeLinks(graph, [...nodes].filter((node) => seen.has(node) || asked.hidden(node))));
  return { boxes: seen, links: joined(graph, links, asked.hidden), more: beyond.size };
}

/** Who of these nodes reads whom. */
export function nodeLinks(graph: Graph, nodes: readonly number[]): Link[] {
  const known = new Set(nodes);
  return nodes.flatMap((node) => graph.nodes.parents[node]!.filter((parent) => known.has(parent)).map((parent): Link => ({
    from: graph.starts[parent]!, to: graph.starts[node]!, class: "depends", kinds: ["reads"], unsure: false,
  })));
}
