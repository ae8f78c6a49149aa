// How old the data was, with the loads that made it young again.

import { useCallback, useMemo } from "react";
import { index } from "../data/load";
import type { Objective } from "../data/types";
import { counted, dateTime, instant, length } from "../data/words";
import { SECONDS } from "../plots/axes";
import { along, apart, moments } from "../plots/lines";
import type { Mark } from "../plots/marks";
import type { PlotLine } from "../plots/options";
import { Key, Plot } from "../plots/plot";
import { commitName } from "./words";

export function Staleness({ objective }: { objective: Objective }) {
  const from = instant(objective.standing.window_from)!;
  const plotted = useMemo(() => linesOf(objective), [objective]);
  const marks = useMemo(() => marksOf(objective), [objective]);
  const about = useCallback((place: number) => near(objective, plotted.at, place), [objective, plotted]);
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

function linesOf({ age, youngest }: Objective): { at: number[]; lines: PlotLine[] } {
  const oldest = apart(age ?? { at: [], values: [] });
  const young = youngest && apart(youngest);
  const at = moments(young ? [oldest, young] : [oldest]);
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

/** What happened about that moment: as near as a hand can point, a two-hundredth of the plot. */
function near({ events, bad }: Objective, at: readonly number[], place: number): string[] {
  const moment = at[place]!;
  const reach = Math.max(60, (at[at.length - 1]! - at[0]!) / 200);
  const said = events.filter((event) => Math.abs(event.at - moment) <= reach).map((event) => (event.kind === "load" ? event.text || "load" : `${event.kind}: ${event.text}`));
  const span = bad.find((one) => one.start <= moment && moment <= one.end);
  return [...new Set(said)].slice(0, 4).concat(span ? [span.known ? "counted as too old" : "not known"] : []);
}
