// How old the data was, with the loads that made it young again.

import { useCallback, useMemo } from "react";
import { index } from "../data/load";
import type { Objective, ObjectiveEvent } from "../data/types";
import { counted, dateTime, instant, length } from "../data/words";
import { SECONDS } from "../plots/axes";
import { along, apart, moments } from "../plots/lines";
import type { Mark } from "../plots/marks";
import type { PlotLine } from "../plots/options";
import { Key, Plot } from "../plots/plot";
import { commitName } from "./words";

const NOTHING: readonly string[] = [];

export function Staleness({ objective }: { objective: Objective }) {
  const from = instant(objective.standing.window_from)!;
  const plotted = useMemo(() => linesOf(objective), [objective]);
  const marks = useMemo(() => marksOf(objective), [objective]);
  const events = useMemo(() => happened(objective, plotted.at), [objective, plotted]);
  const about = useCallback((place: number) => events.get(place) ?? NOTHING, [events]);
  const { threshold } = objective;
  const bad = objective.bad.filter((span) => span.known).length;
  return (
    <Plot
      {...plotted} marks={marks} unit={SECONDS} axis="Age of the data" from={from} until={index.at} most={(threshold ?? 0) * 1.15} about={about}
      says={`Age of the data since ${dateTime(from)}, which may be ${length(threshold)}; it was too old in ${counted(bad, "span")} of time.`}
      legend={<Legend objective={objective} />}
    />
  );
}

function Legend({ objective: { events, bad } }: { objective: Objective }) {
  const some = (kind: string) => events.some((event) => event.kind === kind);
  return (
    <>
      {some("load") && <Key shape="tick" tone="good">load</Key>}
      {some("failed") && <Key shape="cross" tone="bad">failed run</Key>}
      {bad.some((span) => span.known) && <Key shape="area" tone="bad">too old</Key>}
      {bad.some((span) => !span.known) && <Key shape="hatch" tone="quiet">not known</Key>}
      {some("release") && <Key shape="line" tone="change">release</Key>}
    </>
  );
}

function linesOf({ age, youngest, events }: Objective): { at: number[]; lines: PlotLine[] } {
  const oldest = apart(age ?? { at: [], values: [] });
  const young = youngest && apart(youngest);
  const [from = 0, until = 0] = [oldest.at[0], oldest.at[oldest.at.length - 1]];
  // What happened between two points can be pointed at, too.
  const between = events.map((event) => event.at).filter((moment) => from < moment && moment < until);
  const at = moments([oldest, ...(young ? [young] : []), { at: between, values: [] }]);
  const lines: PlotLine[] = [{ name: young ? "as old as it may have been" : "age", values: along(oldest, at), tone: "accent", width: 1.5, ...(young ? { downTo: "as young as it may have been" } : {}) }];
  if (young) lines.push({ name: "as young as it may have been", values: along(young, at), tone: "quiet", width: 1, dashed: true });
  return { at, lines };
}

function marksOf({ threshold, bad, events }: Objective): Mark[] {
  const marks: Mark[] = bad.map((span) => ({ kind: "span", from: span.start, until: span.end, tone: span.known ? "bad" : "quiet", hatched: !span.known }));
  if (threshold !== null) marks.push({ kind: "level", value: threshold, tone: "bad", text: `too old from ${length(threshold)}` });
  for (const event of events) {
    if (event.kind === "load") marks.push({ kind: "tick", at: event.at, tone: "good" });
    if (event.kind === "failed") marks.push({ kind: "tick", at: event.at, tone: "bad", cross: true });
    if (event.kind === "release") marks.push({ kind: "moment", at: event.at, tone: "change", text: commitName(event.text) });
  }
  return marks;
}

/** What happened, by the place of the moment next to it: both points of a jump, at which a load is. */
function happened({ events, bad }: Objective, at: readonly number[]): ReadonlyMap<number, string[]> {
  const found = new Map<number, string[]>();
  const say = (place: number, text: string) => {
    const said = found.get(place) ?? [];
    if (!said.includes(text)) found.set(place, [...said, text]);
  };
  for (const event of events) {
    const place = nearest(at, event.at);
    for (const one of [place - 1, place, place + 1]) {
      if (Math.abs((at[one] ?? Infinity) - at[place]!) < 1) say(one, worded(event));
    }
  }
  at.forEach((moment, place) => {
    const span = bad.find((one) => one.start <= moment && moment <= one.end);
    if (span) say(place, span.known ? "counted as too old" : "not known");
  });
  return found;
}

function nearest(at: readonly number[], moment: number): number {
  let low = 0;
  let high = at.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle]! < moment) low = middle + 1;
    else high = middle;
  }
  return low > 0 && moment - at[low - 1]! < at[low]! - moment ? low - 1 : low;
}

function worded({ kind, text }: ObjectiveEvent): string {
  if (kind === "release") return `release ${commitName(text)}`;
  const how = text && text !== "good" ? `: ${text}` : "";
  return kind === "load" ? `loaded${how}` : `not loaded${how}`;
}
