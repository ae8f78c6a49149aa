// What is left of the budget over the window, beside an even use of all of it.

import { useMemo } from "react";
import { index } from "../data/load";
import type { Objective } from "../data/types";
import { dateTime, instant, percent } from "../data/words";
import { SHARE } from "../plots/axes";
import { along, apart, moments } from "../plots/lines";
import type { Mark } from "../plots/marks";
import type { PlotLine } from "../plots/options";
import { Key, Plot } from "../plots/plot";
import { Empty } from "../ui/parts";
import { commitName } from "./words";

export function BurnDown({ objective }: { objective: Objective }) {
  const from = instant(objective.standing.window_from)!;
  const until = Math.max(objective.window_until, index.at, soon(objective, from));
  const plotted = useMemo(() => linesOf(objective, from, until), [objective]);
  const marks = useMemo(() => marksOf(objective, until), [objective]);
  const { budget_left: left } = objective.standing;
  if (!objective.budget.at.length) return <Empty>There is no budget to show: nothing has counted yet, or nothing may be bad.</Empty>;
  const released = objective.events.some((event) => event.kind === "release");
  return (
    <Plot
      {...plotted} marks={marks} unit={SHARE} axis="Share of the error budget that is left" from={from} until={until} most={1}
      says={`Error budget from ${dateTime(from)} to ${dateTime(until)}: ${percent(left, 0)} of it is left.`}
      legend={released && <Key shape="line" tone="change">release</Key>}
    />
  );
}

function linesOf(objective: Objective, from: number, until: number): { at: number[]; lines: PlotLine[] } {
  const left = apart(objective.budget);
  const even = { at: [from, Math.min(until, objective.window_until)], values: [1, 0] };
  const ahead = expected(objective);
  const at = moments([left, even, ...(ahead ? [ahead] : [])]);
  const lines: PlotLine[] = [
    { name: "even use", values: along(even, at), tone: "quiet", dashed: true, width: 1 },
    { name: "left", values: along(left, at), tone: (objective.standing.budget_left ?? 1) < 0 ? "bad" : "accent", width: 2, filled: true },
  ];
  if (ahead) lines.push({ name: "forecast", values: along(ahead, at), tone: "warn", dashed: true, width: 1.5 });
  return { at, lines };
}

/** A window that moves on ends now: what comes after is shown for a quarter of its length at most. */
function soon({ standing }: Objective, from: number): number {
  const out = instant(standing.exhausts_at) ?? 0;
  return Math.min(out, index.at + (index.at - from) / 4);
}

/** From what is left now to nothing at the moment that was forecast. */
function expected({ standing }: Objective): { at: number[]; values: number[] } | null {
  const out = instant(standing.exhausts_at);
  const left = standing.budget_left;
  return out === null || left === null || left <= 0 || out <= index.at ? null : { at: [index.at, out], values: [left, 0] };
}

function marksOf(objective: Objective, until: number): Mark[] {
  const releases = objective.events
    .filter((event) => event.kind === "release")
    .map((event): Mark => ({ kind: "moment", at: event.at, tone: "change", text: commitName(event.text) }));
  const now: Mark[] = until > index.at + 60 ? [{ kind: "moment", at: index.at, tone: "quiet", text: "now", dashed: true }] : [];
  return [{ kind: "level", value: 0, tone: "bad", text: "budget used up" }, ...releases, ...now];
}
