// How an objective stands, in sentences.

import { index } from "../data/load";
import type { StandingFacts } from "../data/types";
import { ago, dateTime, instant, length, number, percent } from "../data/words";

/** The one sentence that somebody needs who reads no other. */
export function standing(one: StandingFacts): string {
  const span = one.since ? ` since ${dateTime(one.since)} (${ago(one.since, index.at)})` : "";
  const why = one.because ? `: ${one.because}` : "";
  const left = budget(one.budget_left);
  switch (one.state) {
    case "exhausted":
      return `Its error budget is used up${left}. Now it is ${one.now}${span}${why}.`;
    case "breached":
      return `It is ${one.now}${span}${why}${left}.`;
    case "burning":
      return `It uses its error budget faster than planned${left}. Now it is ${one.now}${span}${why}.`;
    case "met":
      return `It is met${left}.`;
    default:
      return `How it stands is not known${why}.`;
  }
}

function budget(left: number | null): string {
  if (left === null) return "";
  if (left < 0) return `, with ${percent(-left, 0)} of a budget spent beyond it`;
  return `, with ${percent(left, 0)} of the budget left`;
}

/** What will come, one line each. */
export function forecast(one: StandingFacts): string[] {
  const said: string[] = [];
  const out = instant(one.exhausts_at);
  if (out !== null && (one.budget_left ?? 1) > 0) said.push(`If things go on as recently, the budget is used up ${ago(out, index.at)}, on ${dateTime(out)}.`);
  if (one.exhausts_chance !== null) said.push(`By the end of the window it will be used up with a probability of ${percent(one.exhausts_chance, 0)}.`);
  const old = instant(one.too_old_from);
  if (old !== null && old > index.at) said.push(`The data that is there will be too old from ${dateTime(old)} (${ago(old, index.at)}).`);
  const next = instant(one.arrives_at);
  if (next !== null) {
    said.push(next >= index.at ? `The next data is expected ${ago(next, index.at)}, at ${dateTime(next)}.` : `The next data was expected at ${dateTime(next)}, ${ago(next, index.at)}.`);
  }
  return said;
}

/** An amount of what its budget is counted in. */
export function amount(value: number, unit: string): string {
  return unit === "seconds" ? length(value) : `${number(Math.round(value * 10) / 10)} events`;
}

/** Commits are known by their first digits; other names of releases stay whole. */
export function commitName(text: string): string {
  return /^[0-9a-f]{9,40}$/.test(text) ? text.slice(0, 8) : text;
}
