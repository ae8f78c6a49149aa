// Jobs and their last runs.

import { index } from "../data/load";
import type { Job, JobRun } from "../data/types";
import { ago, counted, dateTime, length } from "../data/words";
import { Strip } from "../plots/small";
import { State, tone } from "../ui/parts";

/** So many stand beside each other; all of them are there in words. */
const DRAWN = 30;

/** From here on a run is said to have been longer than usual. */
const LONG = 1.5;

export function JobCard({ job }: { job: Job }) {
  const [last] = job.runs;
  if (!last) return null;
  const drawn = job.runs.slice(0, DRAWN);
  const longest = Math.max(...drawn.map((run) => run.seconds ?? 0), job.usual ?? 0, 1);
  return (
    <section className="job" aria-label={`Job ${job.name || "without a name"}`}>
      <div className="job-name">
        <strong>{job.name || <span className="faint">runs without a job's name</span>}</strong>
        <span className="faint small" title={dateTime(last.at)}>{ago(last.at, index.at)} · <Duration run={last} usual={job.usual} /></span>
      </div>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={`Runs of ${job.name || "no job"}`}>
        <Strip
          label={spoken(drawn)}
          cells={[...drawn].reverse().map((run, place) => ({ key: `${run.at}-${place}`, tone: tone(run.verdict), height: (run.seconds ?? 0) / longest, title: titled(run) }))}
        />
      </div>
      <State word={last.verdict} />
      {last.problems && last.problems.length > 0 && (
        <ul className="job-problems">{last.problems.map((problem) => <li key={problem} className="wrap">{problem}</li>)}</ul>
      )}
      <details className="job-runs">
        <summary>{counted(job.runs.length, "run")}, in words</summary>
        <ul className="lines">{job.runs.map((run, place) => <RunLine key={place} run={run} />)}</ul>
      </details>
    </section>
  );
}

function Duration({ run, usual }: { run: JobRun; usual: number | null }) {
  const took = run.seconds === null ? "nobody knows how long it took" : `took ${length(run.seconds)}`;
  if (usual === null) return <>{took}</>;
  const slow = run.seconds !== null && run.seconds > usual * LONG;
  return <span className={slow ? "tone-warn" : ""}>{took}, usually {length(usual)}</span>;
}

function spoken(runs: readonly JobRun[]): string {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(run.verdict, (counts.get(run.verdict) ?? 0) + 1);
  const said = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  return `The last ${counted(runs.length, "run")}: ${said}; the last one ${runs[0]!.verdict}`;
}

function titled(run: JobRun): string {
  return `${dateTime(run.at)}: ${run.verdict}, ${length(run.seconds)}, ${amounts(run)}`;
}

function amounts(run: JobRun): string {
  const parts: [number, string][] = [
    [run.built, "built"], [run.failed, "failed"], [run.skipped, "skipped"],
    [run.tests_failed, "tests failed"], [run.tests_warned, "tests warned"],
  ];
  return parts.filter(([count]) => count).map(([count, what]) => `${count} ${what}`).join(", ") || "nothing built";
}

function RunLine({ run }: { run: JobRun }) {
  return (
    <li>
      <State word={run.verdict} />
      <span className="grow wrap">
        {dateTime(run.at)} · {length(run.seconds)} · {amounts(run)}
        <span className="faint small run-command"><code>{run.command}</code>{run.commit && <> · commit <code>{run.commit.slice(0, 8)}</code></>}</span>
        {run.problems?.map((problem) => <span key={problem} className="run-problem small">{problem}</span>)}
      </span>
    </li>
  );
}
