// Where boxes lie: from left to right, the way data flows. Dagre decides; long edges keep the
// points that lead them between the boxes.

import * as dagre from "@dagrejs/dagre";

export const WIDTH = 264;
export const HEADER = 46;
export const ROW = 24;
export const FILTER = 36;
export const FOOT = 28;
export const PAD = 5;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Sized {
  readonly id: number;
  readonly height: number;
}

export interface Layout {
  /** Upper left corner of each box. */
  readonly at: ReadonlyMap<number, Point>;
  /** Points between two boxes that are not neighbours, by `from to`. */
  readonly way: ReadonlyMap<string, readonly Point[]>;
}

/** Above this, ranks are found the quick way: a second is too long to wait. */
const MANY = 60;
/** Above this, only pairs that no longer way joins decide: the long ones cost most, and add least. */
const LARGE = 150;
/** From one column of boxes that nothing joins to the next. */
const STEP = WIDTH + 28;

export function layout(boxes: readonly Sized[], links: readonly (readonly [number, number])[]): Layout {
  const pairs = links.filter(([from, to]) => from !== to);
  const joined = new Set(pairs.flat());
  const drawn = ranked(boxes.filter(({ id }) => joined.has(id)), pairs);
  return { ...drawn, at: new Map([...drawn.at, ...shelved(boxes.filter(({ id }) => !joined.has(id)), drawn.at, boxes)]) };
}

/** Boxes that nothing joins stand under the others in columns, each under the shortest. */
function shelved(alone: readonly Sized[], at: ReadonlyMap<number, Point>, boxes: readonly Sized[]): Map<number, Point> {
  const right = Math.max(0, ...[...at.values()].map(({ x }) => x + WIDTH));
  const top = Math.max(0, ...boxes.map(({ id, height }) => (at.has(id) ? at.get(id)!.y + height + 60 : 0)));
  const many = Math.max(1, Math.min(alone.length, Math.max(Math.ceil(Math.sqrt(alone.length)), Math.floor(right / STEP))));
  const ends = new Array<number>(many).fill(top);
  return new Map(alone.map(({ id, height }) => {
    const column = ends.indexOf(Math.min(...ends));
    const y = ends[column]!;
    ends[column] = y + height + 22;
    return [id, { x: 24 + column * STEP, y }];
  }));
}

function ranked(boxes: readonly Sized[], pairs: readonly (readonly [number, number])[]): Layout {
  if (!boxes.length) return { at: new Map(), way: new Map() };
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: "LR", nodesep: 22, edgesep: 10, ranksep: boxes.length > 30 ? 200 : 140, marginx: 24, marginy: 24,
    ranker: boxes.length > MANY ? "tight-tree" : "network-simplex", acyclicer: "greedy",
  });
  // Dagre doubles the ranks to have room for labels. There are none: with half of the ranks, and
  // twice the room between them, it takes half of the time.
  graph.setDefaultEdgeLabel(() => ({ minlen: 0.5 }));
  for (const { id, height } of boxes) graph.setNode(String(id), { width: WIDTH, height });
  const drawn = boxes.length > LARGE ? shortest(pairs) : pairs;
  for (const [from, to] of drawn) graph.setEdge(String(from), String(to));
  const straight = new Set<object>();
  dagre.layout(graph, { customOrder: (layered, order) => { withPoints(layered, straight); order(layered, {}); } });
  const at = new Map(boxes.map(({ id, height }) => {
    const { x, y } = graph.node(String(id)) as Point;
    return [id, { x: Math.round(x - WIDTH / 2), y: Math.round(y - height / 2) }];
  }));
  return { at, way: waysOf(graph, straight) };
}

/** Pairs without those that a way over others joins as well. */
function shortest(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const next = new Map<number, Set<number>>();
  for (const [from, to] of pairs) {
    const known = next.get(from);
    if (known) known.add(to);
    else next.set(from, new Set([to]));
  }
  const kept: (readonly [number, number])[] = [];
  for (const [from, ends] of next) {
    const beyond = new Set([from]); // not to come back to it in a circle
    const left = [...ends];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      for (const end of next.get(at) ?? []) if (!beyond.has(end)) beyond.add(end) && left.push(end);
    }
    for (const end of ends) if (!beyond.has(end)) kept.push([from, end]);
  }
  return kept;
}

/** An edge to the next rank has no point then, which dagre does not expect: it gets one. */
function withPoints(layered: dagre.graphlib.Graph, straight: Set<object>): void {
  for (const edge of layered.edges()) {
    const label = layered.edge(edge) as { points?: Point[] };
    if (label.points) continue;
    label.points = [{ x: 0, y: 0 }];
    straight.add(label.points);
  }
}

function waysOf(graph: dagre.graphlib.Graph, straight: ReadonlySet<object>): Map<string, Point[]> {
  const way = new Map<string, Point[]>();
  for (const { v, w } of graph.edges()) {
    const { points } = graph.edge({ v, w }) as { points: Point[] };
    // The first and the last lie on the boxes.
    if (!straight.has(points)) way.set(`${v} ${w}`, points.slice(1, -1));
  }
  return way;
}
