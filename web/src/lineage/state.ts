// What the explorer shows, as it stands in the address: any state has a link.

import { CLASSES, type EdgeClass } from "../data/graph";
import { go } from "../route";

export const DEPTHS = [0, 1, 2, 3, 4, 5, 8, Infinity];
const DEPTH = 3;
/** Rows of a wide mart come from everywhere: who asks for them gets them. */
const SHOWN: readonly EdgeClass[] = ["value", "control", "depends"];

export interface State {
  /** `<unique_id>.<column>` or a label; likewise node. One of both is empty. */
  readonly column: string;
  readonly node: string;
  readonly up: number;
  readonly down: number;
  readonly classes: ReadonlySet<EdgeClass>;
  /** Kinds of nodes, and `ephemeral`, that are stepped over. */
  readonly hidden: ReadonlySet<string>;
  readonly tag: string;
  /** Boxes that show all their columns, by id, each with what its columns are filtered by. */
  readonly open: ReadonlyMap<string, string>;
  /** What the panel shows; empty for the focus, null if it is closed. */
  readonly shown: string | null;
}

export function stateOf(query: URLSearchParams): State {
  const edges = query.get("edges");
  return {
    column: query.get("column") ?? "",
    node: query.get("node") ?? "",
    up: depthOf(query.get("up")),
    down: depthOf(query.get("down")),
    classes: new Set(edges === null ? SHOWN : CLASSES.filter((name) => edges.split(",").includes(name))),
    hidden: new Set((query.get("hide") ?? "").split(",").filter(Boolean)),
    tag: query.get("tag") ?? "",
    open: new Map(query.getAll("open").map((entry) => {
      const [id = "", filter = ""] = entry.split("\n", 2);
      return [id, filter];
    })),
    shown: query.get("panel") === "closed" ? null : (query.get("show") ?? ""),
  };
}

function depthOf(text: string | null): number {
  if (text === "all") return Infinity;
  const depth = Number.parseInt(text ?? "", 10);
  return Number.isNaN(depth) || depth < 0 ? DEPTH : depth;
}

export function addressOf(state: State): string {
  const query = new URLSearchParams();
  if (state.column) query.set("column", state.column);
  if (state.node) query.set("node", state.node);
  for (const way of ["up", "down"] as const) {
    if (state[way] !== DEPTH) query.set(way, state[way] === Infinity ? "all" : String(state[way]));
  }
  const edges = CLASSES.filter((name) => state.classes.has(name));
  if (edges.join() !== SHOWN.join()) query.set("edges", edges.join());
  if (state.hidden.size) query.set("hide", [...state.hidden].join());
  if (state.tag) query.set("tag", state.tag);
  for (const [id, filter] of state.open) query.append("open", filter ? `${id}\n${filter}` : id);
  if (state.shown === null) query.set("panel", "closed");
  else if (state.shown) query.set("show", state.shown);
  return `#/lineage?${query}`;
}

/** Goes to the same state with a few things changed; `replace` leaves no step to go back to. */
export function change(state: State, changes: Partial<State>, replace = false): void {
  go(addressOf({ ...state, ...changes }), replace);
}

/** The same settings around another focus. */
export function focusedOn(state: State, ref: { column: string } | { node: string }): State {
  return { ...state, column: "", node: "", ...ref, open: new Map(), shown: state.shown === null ? null : "" };
}

export function toggled<T>(set: ReadonlySet<T>, value: T): Set<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
