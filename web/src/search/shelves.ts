// What this report has to be searched, loaded when somebody searches.

import { loadNames } from "../data/graph";
import { has, load } from "../data/load";
import type { Metrics, Objectives } from "../data/types";
import { columnShelf, nodeShelf, pageShelf, type Shelf } from "./find";

let shelves: Promise<readonly Shelf[]> | undefined;

export function loadShelves(): Promise<readonly Shelf[]> {
  shelves ??= Promise.all([loadNames(), metrics(), objectives()]).then(([names, ...pages]) => [
    nodeShelf(names, has("metrics") ? "metric" : ""), ...pages.filter((page) => page !== null), columnShelf(names),
  ]);
  return shelves;
}

async function metrics(): Promise<Shelf | null> {
  if (!has("metrics")) return null;
  const { cards } = await load<Metrics>("metrics");
  return pageShelf("Metrics", "metric", cards.map(({ metric }) => ({ name: metric.name, about: [metric.tier, metric.owner].filter(Boolean).join(" · ") })));
}

async function objectives(): Promise<Shelf | null> {
  if (!has("objectives")) return null;
  const { standings } = await load<Objectives>("objectives");
  return pageShelf("Objectives", "objective", standings.map((one) => ({ name: one.objective, about: `${one.indicator} of ${one.subject}` })));
}
