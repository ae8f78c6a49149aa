// What is drawn: boxes with their rows, and lines between them. The screen and the picture that is
// exported are made of the same scene.

import { columnOf, type EdgeClass, type Graph, kindOf, tagsOf } from "../data/graph";
import { type Found, type Link, linkOf, merged } from "../data/walk";
import { type Curve, curveOf } from "./curve";
import { FILTER, FOOT, HEADER, layout, PAD, type Point, ROW, WIDTH } from "./layout";

/** Columns that a box shows at most, whatever it is asked for: the rest is found by its filter. */
const MOST = 40;
/** Likewise while it is closed. */
const CLOSED = 16;
/** From so many columns on, an open box has a filter. */
const FILTERED = 12;

export interface SceneRow {
  readonly slot: number;
  readonly name: string;
  /** True for the line that stands for which rows the node has. */
  readonly rows: boolean;
  readonly declared: readonly string[];
  readonly arrived: readonly string[];
  readonly mark?: Mark | undefined;
}

/** What a change does to a box or a row: a word, and whether it only arrived there. */
export interface Mark {
  readonly word: string;
  readonly reached: boolean;
}

export interface SceneBox {
  readonly node: number;
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly about: string;
  readonly status: number;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly rows: readonly SceneRow[];
  /** Columns that are not among the rows. */
  readonly left: number;
  readonly columns: number;
  /** Slot of its rows. */
  readonly first: number;
  readonly open: boolean;
  readonly filter: string | null;
  readonly mark?: Mark | undefined;
}

export interface SceneLine extends Curve {
  readonly link: Link;
  readonly class: EdgeClass;
  readonly unsure: boolean;
  /** True from a column to the whole of its own node: it is on the way, and not drawn. */
  readonly inner: boolean;
}

export interface Scene {
  readonly boxes: readonly SceneBox[];
  readonly lines: readonly SceneLine[];
  /** Lines that end, and begin, in each slot. */
  readonly before: ReadonlyMap<number, readonly SceneLine[]>;
  readonly after: ReadonlyMap<number, readonly SceneLine[]>;
  readonly owner: (slot: number) => number;
}

/** What is drawn beside the graph's own nodes: those of an earlier version. */
export interface Ghost {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly columns: readonly string[];
}

export interface Drawn {
  readonly found: Found;
  readonly open: ReadonlyMap<string, string>;
  /** Rows of a closed box at most. */
  readonly closed?: number;
  readonly marks?: { readonly node: ReadonlyMap<string, Mark>; readonly column: ReadonlyMap<string, Mark> };
  readonly ghosts?: readonly Ghost[];
  /** Columns that a change took from a node, by its id. */
  readonly lost?: ReadonlyMap<string, readonly string[]>;
}

type Flat = Omit<SceneBox, "x" | "y">;

export function sceneOf(graph: Graph, drawn: Drawn): Scene {
  const { nodes } = graph;
  const ghosts = new Numbers(graph);
  // A line for the rows of a node stands where something decides them, or they decide something.
  const decided = new Set(drawn.found.links.filter((link) => link.class === "rows").flatMap(({ from, to }) => [from, to]));
  const shown = (slot: number) => columnOf(graph, slot) !== "" || decided.has(slot) || Boolean(drawn.marks);
  const flat = [...drawn.found.boxes].map(([node, slots]) => boxOf(graph, node, nodes.columns[node]!.length ? slots.filter(shown) : [], drawn, ghosts));
  for (const ghost of drawn.ghosts ?? []) flat.push(ghostBox(ghost, drawn, ghosts));
  const links = linksOf(graph, drawn.found, flat);
  const owner = (slot: number): number => graph.owner[slot] ?? ghosts.owner.get(slot) ?? -1;
  const pairs = links.map(({ from, to }) => [owner(from), owner(to)] as const);
  const { at, way } = layout(flat.map(({ node, height }) => ({ id: node, height })), pairs);
  const boxes = flat.map((box): SceneBox => ({ ...box, ...at.get(box.node)! }));
  const byNode = new Map(boxes.map((box) => [box.node, box]));
  const aside = besides(links);
  const lines = links.map((link): SceneLine => {
    const [source, target] = [byNode.get(owner(link.from))!, byNode.get(owner(link.to))!];
    const start = { x: source.x + WIDTH, y: anchor(source, link.from) + (aside.get(link) ?? 0) };
    const end = { x: target.x, y: anchor(target, link.to) + (aside.get(link) ?? 0) };
    return { ...curveOf(start, end, way.get(`${source.node} ${target.node}`)), link, class: link.class, unsure: link.unsure, inner: source === target };
  });
  return { boxes, lines, before: grouped(lines, "to"), after: grouped(lines, "from"), owner };
}

/** Numbers for what the graph has no slot for. */
class Numbers {
  readonly owner = new Map<number, number>();
  private next: number;
  private node: number;

  constructor(graph: Graph) {
    this.next = graph.owner.length;
    this.node = graph.nodes.id.length;
  }

  box(): number {
    return this.node++;
  }

  slot(node: number): number {
    this.owner.set(this.next, node);
    return this.next++;
  }
}

function boxOf(graph: Graph, node: number, slots: readonly number[], drawn: Drawn, ghosts: Numbers): Flat {
  const { nodes, starts } = graph;
  const id = nodes.id[node]!;
  const all = nodes.columns[node]!;
  const open = drawn.open.has(id);
  const filter = drawn.open.get(id) ?? "";
  const reached = [...slots].sort((a, b) => a - b);
  const shown = open ? opened(starts[node]!, all, filter, reached) : worst(graph, id, reached, drawn);
  const rows = shown.map((slot): SceneRow => rowOf(graph, slot, id, drawn));
  for (const name of drawn.lost?.get(id) ?? []) {
    rows.push({ slot: ghosts.slot(node), name, rows: false, declared: [], arrived: [], mark: drawn.marks?.column.get(`${id}.${name}`) });
  }
  const left = all.length - rows.filter(({ rows: one, slot }) => !one && slot < graph.owner.length).length;
  const filtered = open && all.length > FILTERED;
  return {
    node, id, first: starts[node]!, label: nodes.label[node]!, kind: kindOf(graph, node), about: aboutOf(graph, node), status: nodes.status[node]!,
    rows, left, columns: all.length, open, filter: filtered ? filter : null, mark: drawn.marks?.node.get(id),
    height: HEADER + (filtered ? FILTER : 0) + (rows.length ? rows.length * ROW + PAD * 2 : 0) + (hasFoot(all.length, left, open) ? FOOT : 0),
  };
}

export function hasFoot(columns: number, left: number, open: boolean): boolean {
  return columns > 0 && (open || left > 0);
}

const WORST = ["removed", "broken", "unknown", "changed", "added"];

/** The rows of a closed box: if there is not room for all, those that are hit worst. */
function worst(graph: Graph, id: string, slots: readonly number[], { marks, closed = CLOSED }: Drawn): number[] {
  if (slots.length <= closed) return [...slots];
  const rank = (slot: number) => {
    const mark = marks?.column.get(`${id}.${columnOf(graph, slot)}`);
    return mark ? WORST.indexOf(mark.word) + (mark.reached ? 10 : 0) : 20;
  };
  return [...slots].sort((a, b) => rank(a) - rank(b)).slice(0, closed).sort((a, b) => a - b);
}

function opened(start: number, all: readonly string[], filter: string, reached: readonly number[]): number[] {
  const wanted = filter.toLowerCase();
  const matching = all.flatMap((name, place) => (name.toLowerCase().includes(wanted) ? [start + 1 + place] : []));
  const kept = new Set(reached.slice(0, MOST));
  for (const slot of matching) if (kept.size < MOST + CLOSED) kept.add(slot);
  return [...kept].sort((a, b) => a - b);
}

function rowOf(graph: Graph, slot: number, id: string, drawn: Drawn): SceneRow {
  const name = columnOf(graph, slot);
  return { slot, name: name || "rows", rows: !name, ...tagsOf(graph, slot), mark: drawn.marks?.column.get(`${id}.${name}`) };
}

function ghostBox({ id, label, kind, columns }: Ghost, drawn: Drawn, ghosts: Numbers): Flat {
  const node = ghosts.box();
  const rows = columns.slice(0, CLOSED).map((name): SceneRow => ({
    slot: ghosts.slot(node), name, rows: false, declared: [], arrived: [], mark: drawn.marks?.column.get(`${id}.${name}`),
  }));
  return {
    node, id, first: -1, label, kind, about: "no longer there", status: 3, rows, left: 0, columns: 0, open: false, filter: null,
    mark: drawn.marks?.node.get(id), height: HEADER + (rows.length ? rows.length * ROW + PAD * 2 : 0),
  };
}

/** `incremental · data-team`: what stands under a node's name. */
export function aboutOf({ nodes }: Graph, node: number): string {
  const kind = nodes.kinds[nodes.kind[node]!]!;
  const built = nodes.materializations[nodes.materialized[node]!]!;
  const owner = nodes.owners[nodes.owner[node]!]!;
  return [built && built !== kind ? `${kind} · ${built}` : kind, owner].filter(Boolean).join(" · ");
}

/** The links that were found, and those between whatever columns are shown besides. */
function linksOf(graph: Graph, found: Found, boxes: readonly Flat[]): readonly Link[] {
  const open = boxes.filter((box) => box.open);
  if (!open.length) return found.links;
  const shown = new Set(boxes.flatMap(({ rows }) => rows.map(({ slot }) => slot)));
  const more: Link[] = [];
  for (const { rows } of open) for (const { slot } of rows) more.push(...linksAt(graph, slot, shown));
  const links = merged([...found.links, ...more]);
  // Where columns say what a node reads, the line between whole nodes says nothing more.
  const said = new Set(links.filter(({ class: what }) => what !== "depends").map(({ from, to }) => `${graph.owner[from]} ${graph.owner[to]}`));
  return links.filter((link) => link.kinds[0] !== "reads" || !said.has(`${graph.owner[link.from]} ${graph.owner[link.to]}`));
}

function linksAt(graph: Graph, slot: number, shown: ReadonlySet<number>): Link[] {
  if (slot >= graph.owner.length) return [];
  const links: Link[] = [];
  const { into, out, kindClass } = graph;
  for (let edge = into.starts[slot]!; edge < into.starts[slot + 1]!; edge++) {
    if (shown.has(into.ends[edge]!) && kindClass[into.codes[edge]! >> 2]! < 3) links.push(linkOf(graph, into.ends[edge]!, slot, into.codes[edge]!));
  }
  for (let edge = out.starts[slot]!; edge < out.starts[slot + 1]!; edge++) {
    if (shown.has(out.ends[edge]!) && kindClass[out.codes[edge]! >> 2]! < 3) links.push(linkOf(graph, slot, out.ends[edge]!, out.codes[edge]!));
  }
  return links;
}

/** How far lines of the same ends lie beside each other. */
function besides(links: readonly Link[]): Map<Link, number> {
  const alike = new Map<string, Link[]>();
  for (const link of links) {
    const key = `${link.from} ${link.to}`;
    const known = alike.get(key);
    if (known) known.push(link);
    else alike.set(key, [link]);
  }
  const aside = new Map<Link, number>();
  for (const same of alike.values()) same.forEach((link, place) => aside.set(link, (place - (same.length - 1) / 2) * 7));
  return aside;
}

/** Height at which lines reach a slot: its row, else the foot for a column, else the head. */
function anchor(box: SceneBox, slot: number): number {
  const place = box.rows.findIndex((row) => row.slot === slot);
  const top = box.y + HEADER + (box.filter === null ? 0 : FILTER) + PAD;
  if (place >= 0) return top + place * ROW + ROW / 2;
  return slot !== box.first && hasFoot(box.columns, box.left, box.open) ? box.y + box.height - FOOT / 2 : box.y + HEADER / 2;
}

function grouped(lines: readonly SceneLine[], end: "from" | "to"): Map<number, SceneLine[]> {
  const found = new Map<number, SceneLine[]>();
  for (const line of lines) {
    const known = found.get(line.link[end]);
    if (known) known.push(line);
    else found.set(line.link[end], [line]);
  }
  return found;
}

/** The smallest rectangle around all boxes. */
export function boundsOf(boxes: readonly SceneBox[]): { from: Point; to: Point } {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, height } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + WIDTH);
    bottom = Math.max(bottom, y + height);
  }
  return { from: { x: left, y: top }, to: { x: right, y: bottom } };
}
