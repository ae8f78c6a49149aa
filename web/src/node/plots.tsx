// How long a node's runs took and how many rows they brought, with what changed between them.

import { useCallback, useMemo } from "react";
import type { NodeRuns } from "../data/types";
import { counted, length, number } from "../data/words";
import { COUNT, SECONDS, type Unit } from "../plots/axes";
import type { Mark, Tone } from "../plots/marks";
import type { PlotLine } from "../plots/options";
import { Key, Plot } from "../plots/plot";
import { Card, tone } from "../ui/parts";
import { commit, job, median, outcome } from "./runs";

export function RunPlots({ runs }: { runs: NodeRuns }) {
  const age = useMemo(() => runs.data.map((data, place) => (data === null ? null : Math.max(0, runs.at[place]! - data))), [runs]);
  const what = runs.kind === "build" ? "" : ` of ${runs.kind}`;
  return (
    <>
      {age.some((value) => value !== null) && (
        <RunPlot title="Newest data, when it was measured" runs={runs} values={age} name="age" unit={SECONDS} axis="Age of its newest data"
          says={`Age of its newest data over ${counted(age.length, "measurement")}: usually ${length(median(age))}.`} />
      )}
      {runs.seconds.some((value) => value !== null) && (
        <RunPlot title={`Duration${what}`} runs={runs} values={runs.seconds} name="duration" unit={SECONDS} axis="Duration"
          says={`Duration of ${counted(runs.at.length, "run")}: usually ${length(median(runs.seconds))}.`} />
      )}
      {runs.rows.some((value) => value !== null) && (
        <RunPlot title="Rows" runs={runs} values={runs.rows} name="rows" unit={COUNT} axis="Rows affected"
          says={`Rows of ${counted(runs.at.length, "run")}: usually ${number(median(runs.rows))}.`} />
      )}
    </>
  );
}

interface RunPlotProps {
  title: string; runs: NodeRuns; values: readonly (number | null)[]; name: string; unit: Unit; axis: string; says: string;
}

function RunPlot({ title, runs, values, name, unit, axis, says }: RunPlotProps) {
  const lines = useMemo(() => linesOf(runs, values, name), [runs, values, name]);
  const marks = useMemo(() => marksOf(runs, values), [runs, values]);
  const about = useCallback((place: number) => aboutOf(runs, place), [runs]);
  const missed = marks.some((mark) => mark.kind === "tick");
  const arrived = marks.some((mark) => mark.kind === "moment" && mark.dashed);
  return (
    <Card title={title} note={counted(runs.at.length, "run")}>
      <Plot at={runs.at} lines={lines} marks={marks} unit={unit} axis={axis} says={says} about={about} height={190} legend={
        <>
          {missed && <Key shape="cross" tone="bad">failed, without a number</Key>}
          {runs.definitions.length > 0 && <Key shape="line" tone="change">definition changed</Key>}
          {arrived && <Key shape="dash" tone="quiet">new commit</Key>}
        </>
      } />
    </Card>
  );
}

function linesOf(runs: NodeRuns, values: readonly (number | null)[], name: string): PlotLine[] {
  const lines: PlotLine[] = [{ name, values, tone: "accent", width: 1.5, bridged: true }];
  for (const kind of ["bad", "warn"] as const) {
    const points = values.map((value, place) => (tone(outcome(runs, place)) === kind ? value : null));
    if (points.some((value) => value !== null)) lines.push({ name: kind === "bad" ? "failed" : "warned", values: points, tone: kind satisfies Tone, points: true });
  }
  return lines;
}

function commits(runs: NodeRuns): number[] {
  return runs.at.map((_, place) => place).filter((place) => place > 0 && commit(runs, place) && commit(runs, place) !== commit(runs, place - 1));
}

/** So many moments still stand apart. */
const MANY = 40;

function marksOf(runs: NodeRuns, values: readonly (number | null)[]): Mark[] {
  const changed = new Set(runs.definitions);
  const arrived = commits(runs).filter((place) => !changed.has(place));
  const marks: Mark[] = [...changed].map((place) => ({ kind: "moment", at: runs.at[place]!, tone: "change", text: commit(runs, place) || "changed" }));
  if (arrived.length <= MANY) for (const place of arrived) marks.push({ kind: "moment", at: runs.at[place]!, tone: "quiet", dashed: true, text: commit(runs, place) });
  runs.at.forEach((at, place) => {
    if (values[place] === null && tone(outcome(runs, place)) === "bad") marks.push({ kind: "tick", at, tone: "bad", cross: true });
  });
  return marks;
}

function aboutOf(runs: NodeRuns, place: number): string[] {
  const said = [outcome(runs, place), job(runs, place) && `job ${job(runs, place)}`, commit(runs, place) && `commit ${commit(runs, place)}`];
  if (runs.definitions.includes(place)) said.push("its file was changed before");
  const message = runs.messages[place];
  if (message) said.push(message);
  return said.filter((text): text is string => Boolean(text));
}
