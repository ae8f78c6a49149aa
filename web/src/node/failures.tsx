// What was said when something was not good, the last first.

import { useMemo, useState } from "react";
import { index } from "../data/load";
import type { NodeRuns } from "../data/types";
import { ago, counted, dateTime } from "../data/words";
import { Card, State } from "../ui/parts";
import { job, outcome } from "./runs";

const STEP = 5;

interface Failure {
  readonly at: number;
  /** Names of what said the same, and how often. */
  readonly what: readonly string[];
  readonly times: number;
  readonly outcome: string;
  readonly job: string;
  readonly message: string;
}

export function Failures({ all }: { all: readonly NodeRuns[] }) {
  const failures = useMemo(() => together(all.flatMap(failuresOf)), [all]);
  const [shown, setShown] = useState(STEP);
  if (!failures.length) return null;
  return (
    <Card title="What was said of failures" note="the last first">
      <ul className="failures">
        {failures.slice(0, shown).map((one, place) => (
          <li key={place}>
            <div className="row">
              <State word={one.outcome} />
              <span className="wrap">{one.what.join(", ")}</span>
              <span className="faint small" title={dateTime(one.at)}>
                {ago(one.at, index.at)}{one.job && ` · ${one.job}`}{one.times > 1 && ` · the same ${counted(one.times, "time")} in all`}
              </span>
            </div>
            <pre className="code message"><code>{one.message}</code></pre>
          </li>
        ))}
      </ul>
      {failures.length > shown && <button type="button" className="more more-flush" onClick={() => setShown(shown + 4 * STEP)}>Show more ({failures.length - shown} left)</button>}
    </Card>
  );
}

function failuresOf(runs: NodeRuns): Failure[] {
  return Object.entries(runs.messages).map(([key, message]) => {
    const place = Number(key);
    return { at: runs.at[place] ?? 0, what: [runs.name || runs.kind], times: 1, outcome: outcome(runs, place), job: job(runs, place), message };
  });
}

/** What was said again and again is shown once, with when it was said last. */
function together(failures: readonly Failure[]): Failure[] {
  const found = new Map<string, Failure>();
  for (const one of [...failures].sort((a, b) => b.at - a.at)) {
    const key = `${one.outcome} ${one.message}`;
    const same = found.get(key);
    found.set(key, same ? { ...same, what: [...new Set([...same.what, ...one.what])], times: same.times + 1 } : one);
  }
  return [...found.values()];
}
