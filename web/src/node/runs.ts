// Runs of a node, read from their columns.

import type { NodeRuns } from "../data/types";
import { tone } from "../ui/parts";

/** Of the node itself: builds before what was measured of it. */
export function ownRuns(all: readonly NodeRuns[]): NodeRuns[] {
  return all.filter((runs) => !runs.name && runs.at.length).sort((a, b) => Number(b.kind === "build") - Number(a.kind === "build"));
}

/** Of its tests: those first that fail now. */
export function testRuns(all: readonly NodeRuns[]): NodeRuns[] {
  const rank = (runs: NodeRuns) => ["bad", "warn"].indexOf(tone(outcome(runs, runs.at.length - 1)));
  const order = (runs: NodeRuns) => (rank(runs) < 0 ? 2 : rank(runs));
  return all.filter((runs) => runs.name && runs.at.length).sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
}

export function outcome(runs: NodeRuns, place: number): string {
  return runs.words[runs.outcomes[place] ?? -1] ?? "unknown";
}

export function job(runs: NodeRuns, place: number): string {
  return runs.words[runs.jobs[place] ?? -1] ?? "";
}

export function commit(runs: NodeRuns, place: number): string {
  return (runs.words[runs.commits[place] ?? -1] ?? "").slice(0, 8);
}

export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  if (!known.length) return null;
  const middle = Math.floor(known.length / 2);
  return known.length % 2 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
}
