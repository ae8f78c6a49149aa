// Where the reader is stands after the # of the address, so that every state has a link, also on a
// page that was opened from a disk: `#/lineage?column=orders.amount&depth=2`.

import { useSyncExternalStore } from "react";

export interface Route {
  /** Parts of the path, decoded: `["metric", "revenue"]`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function read(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody typed a lone %
  }
}

let last = { hash: "", route: read("") };

function current(): Route {
  if (location.hash !== last.hash) last = { hash: location.hash, route: read(location.hash) };
  return last.route;
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

/** The address of a place. Empty values are left out. */
export function href(path: readonly string[], query: Record<string, string> = {}): string {
  const kept = Object.entries(query).filter(([, value]) => value !== "");
  const asked = kept.length ? `?${new URLSearchParams(kept)}` : "";
  return `#/${path.map(encodeURIComponent).join("/")}${asked}`;
}

/** Go there. `replace` leaves no step in the browser's history: for what is typed or dragged. */
export function go(to: string, replace = false): void {
  if (replace) {
    history.replaceState(null, "", to);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = to;
  }
}
