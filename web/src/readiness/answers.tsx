// The answers of one data product to the checks.

import type { Answer, CheckFacts, Product } from "../data/types";
import { NodeLink } from "../ui/links";
import { Marked } from "../ui/marked";

const SIGNS: Record<string, { path: string; tone: string; word: string }> = {
  passed: { path: "M5 12.5l4.5 4.5L19 7.5", tone: "good", word: "passed" },
  failed: { path: "M6.5 6.5l11 11M17.5 6.5l-11 11", tone: "bad", word: "failed" },
  unknown: { path: "M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2.2M12 17.6v.2", tone: "warn", word: "unknown" },
  "not applicable": { path: "M7 12h10", tone: "quiet", word: "n.a." },
};

/** A sign and its word: nobody has to know the colour. */
export function Mark({ state }: { state: string }) {
  const sign = SIGNS[state] ?? SIGNS.unknown!;
  return (
    <span className={`sign tone-${sign.tone}`}>
      <svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={sign.path} /></svg>
      <span>{sign.word}</span>
    </span>
  );
}

const ORDER = ["failed", "unknown", "passed", "not applicable"];

export function Answers({ product, checks }: { product: Product; checks: readonly CheckFacts[] }) {
  const answers = checks
    .flatMap((check, place) => { const answer = product.answers[place]; return answer ? [{ check, answer }] : []; })
    .sort((a, b) => ORDER.indexOf(a.answer.state) - ORDER.indexOf(b.answer.state));
  return (
    <div className="answers">
      <p className="small"><NodeLink id={product.node}>{product.label}: its runs, tests and columns</NodeLink></p>
      <ul>{answers.map(({ check, answer }) => <AnswerLine key={check.code} answer={answer} check={check} />)}</ul>
    </div>
  );
}

function AnswerLine({ answer, check }: { answer: Answer; check: CheckFacts }) {
  return (
    <li>
      <Mark state={answer.state} />
      <span className="wrap">
        <strong>{check.name.replaceAll("-", " ")}</strong> <code className="faint">{check.code}</code>
        <span className="answer-said"><Marked text={answer.said} /></span>
        {answer.fix && <span className="fix"><Marked text={answer.fix} /></span>}
      </span>
    </li>
  );
}
