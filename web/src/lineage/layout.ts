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

export function layout(boxes: readonly Sized[], pairs: Iterable<readonly [number, number]>): Layout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: "LR", nodesep: 22, edgesep: 10, ranksep: boxes.length > 30 ? 200 : 140, marginx: 24, marginy: 24,
    ranker: boxes.length > MANY ? "tight-tree" : "network-simplex", acyclicer: "greedy",
  });
  // Dagre doubles the ranks to have room for labels. There are none: with half of the ranks, and
  // twice the room between them, it takes half of the time.
  graph.setDefaultEdgeLabel(() => ({ minlen: 0.5 }));
  for (const { id, height } of boxes) graph.setNode(String(id), { width: WIDTH, height });
  for (const [from, to] of pairs) if (from !== to) graph.setEdge(String(from), String(to));
  const straight = new Set<object>();
  dagre.layout(graph, { customOrder: (layered, order) => { withPoints(layered, straight); order(layered, {}); } });
  const at = new Map(boxes.map(({ id, height }) => {
    const { x, y } = graph.node(String(id)) as Point;
    return [id, { x: Math.round(x - WIDTH / 2), y: Math.round(y - height / 2) }];
  }));
  return { at, way: waysOf(graph, straight) };
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
