// What was looked at lately: kept in the browser alone, for each project.

import { index } from "../data/load";

export interface Recent {
  readonly kind: string;
  readonly label: string;
  readonly to: string;
}

const KEPT = `analyticsops-recent:${index.project.name}`;
const MOST = 8;

export function recents(): readonly Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isRecent) : [];
  } catch {
    return []; // a browser that keeps nothing for pages from disk
  }
}

export function remember(one: Recent): void {
  const kept = [one, ...recents().filter(({ kind, label }) => kind !== one.kind || label !== one.label)];
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept.slice(0, MOST)));
  } catch {
    // Then it is not remembered.
  }
}

/** Others may have written there: only what leads into this page is followed. */
function isRecent(value: unknown): value is Recent {
  const one = value as Recent | null;
  return typeof one?.kind === "string" && typeof one.label === "string" && typeof one.to === "string" && one.to.startsWith("#/");
}
