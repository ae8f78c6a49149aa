// The change in a few lines: does it pass, what does it do, what is compared.

import { index } from "../data/load";
import type { Review } from "../data/types";
import { counted, dateTime, number } from "../data/words";
import { State as Word, tone } from "../ui/parts";
import { change, SEVERITIES, type State } from "./state";

/** Verdicts on models, the worst first. */
const VERDICTS = ["breaking", "removed", "unknown", "rows changed", "values changed", "additive", "added", "refactored", "identical"];

export function Summary({ review, state }: { review: Review; state: State }) {
  const open = review.findings.filter(({ accepted }) => !accepted);
  const verdicts = VERDICTS.map((word) => [word, review.verdicts.filter(({ verdict }) => verdict === word).length] as const).filter(([, count]) => count);
  return (
    <header className="summary">
      <div className="summary-top">
        <h1>{review.title || "Change review"}</h1>
        <Word word={review.failed ? "failed" : "passed"}>{review.failed ? "Fails the check" : "Passes the check"}</Word>
        <span className="small faint">{review.fail_on === "never" ? "nothing fails it" : `it fails on ${review.fail_on} and worse, unless accepted`}</span>
        <Compared review={review} />
      </div>
      <div className="summary-counts">
        <div className="row" role="group" aria-label="Findings by severity">
          {SEVERITIES.map((severity) => {
            const count = open.filter((finding) => finding.severity === severity).length;
            return (
              <button key={severity} type="button" className="count" aria-pressed={state.severity === severity} disabled={!count} onClick={() => change(state, { severity: state.severity === severity ? "" : severity })}>
                <strong className={count ? `tone-${tone(severity)}` : ""}>{number(count)}</strong>{count === 1 ? severity : severity === "info" ? "info" : `${severity}s`}
              </button>
            );
          })}
        </div>
        <ul className="row summary-verdicts" aria-label="Verdicts on models">
          <li className="small faint">Models:</li>
          {verdicts.map(([word, count]) => <li key={word}><Word word={word}>{number(count)} {word}</Word></li>)}
        </ul>
      </div>
      {review.notes.map((note) => <p key={note} className="small faint">{note}</p>)}
    </header>
  );
}

function Compared({ review: { base } }: { review: Review }) {
  const head = index.project;
  const of = (one: typeof base) => [one.commit?.slice(0, 10), dateTime(one.generated_at)].filter(Boolean).join(", ");
  const more = head.models - base.models;
  return (
    <dl className="compared">
      <dt>Base</dt><dd>{of(base)} · {counted(base.models, "model")}</dd>
      <dt>Head</dt><dd>{of(head)} · {counted(head.models, "model")}{more ? ` (${more > 0 ? "+" : "−"}${Math.abs(more)})` : ""}</dd>
    </dl>
  );
}
