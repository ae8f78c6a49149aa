// One finding: a line, and all about it once it is chosen.

import { useEffect, useRef, useState } from "react";
import type { Finding, Rule } from "../data/types";
import { counted } from "../data/words";
import { KindIcon } from "../lineage/kind";
import { href } from "../route";
import { Marked, Name } from "../ui/marked";
import { Code, State as Word, tone } from "../ui/parts";
import { Example } from "./example";
import { addressOf, change, type State } from "./state";

export function FindingItem({ finding, rule, state }: { finding: Finding; rule: Rule | undefined; state: State }) {
  const chosen = state.finding === finding.fingerprint;
  const item = useRef<HTMLLIElement>(null);
  const affected = finding.affected?.length ?? 0;
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <li ref={item} className={`finding finding-${tone(finding.severity)} ${chosen ? "chosen-finding" : ""}`}>
      <button type="button" aria-expanded={chosen} onClick={() => change(state, { finding: chosen ? "" : finding.fingerprint, node: chosen ? state.node : "" })}>
        <span className="finding-top">
          <code className={`tone-${tone(finding.severity)}`}>{finding.rule}</code>
          <strong><Name text={finding.subject || "the project"} /></strong>
          {finding.proof === "unknown" && <span className="finding-doubt">not decided</span>}
          {finding.accepted && <span className="finding-doubt">accepted</span>}
        </span>
        <span className="finding-message"><Marked text={finding.message} /></span>
        {(affected > 0 || finding.owner) && (
          <span className="finding-foot">{[finding.owner, affected && `reaches ${counted(affected, "node")}`].filter(Boolean).join(" · ")}</span>
        )}
      </button>
      {chosen && <About finding={finding} rule={rule} state={state} />}
    </li>
  );
}

const PROOFS = {
  proved: "proven", assumed: "proven, if what it rests on holds", counterexample: "shown by an example", unknown: "not decided: it may be harmless",
};

function About({ finding, rule, state }: { finding: Finding; rule: Rule | undefined; state: State }) {
  const { accepted, location, evidence = [], assumptions = [], migration = [] } = finding;
  const facts: [string, string | undefined][] = [
    ["Rule", rule ? `${rule.name}: ${rule.summary}` : finding.name],
    ["Why", rule?.why],
    ["Proof", finding.proof && PROOFS[finding.proof]],
    ["Rests on", assumptions.join("\n")],
    ["Where", location ? `${location.path}${location.line ? `:${location.line}` : ""}` : ""],
    ["Promise", finding.stability ?? ""],
    ["Accepted", accepted ? `by ${accepted.by}: ${accepted.reason}${accepted.until ? `, until ${accepted.until}` : ""}${accepted.where ? ` (${accepted.where})` : ""}` : ""],
  ];
  return (
    <div className="finding-about">
      <Some title="Evidence" items={evidence} />
      {finding.fix && <div><h3>What to do</h3><p className="panel-text"><Marked text={finding.fix} /></p></div>}
      {migration.map(({ step, path, text }) => (
        <div key={`${step} ${path}`}><h3>{step.replaceAll("-", " ")}</h3>{path && <code className="small faint"><Name text={path} /></code>}<Code text={text} label={`${step} ${path}`} /></div>
      ))}
      {finding.counterexample && <Example example={finding.counterexample} />}
      <dl className="facts">
        {facts.filter(([, value]) => value).map(([name, value]) => <div key={name} className="known"><dt>{name}</dt><dd className="panel-text"><Marked text={value!} /></dd></div>)}
      </dl>
      <Hit affected={finding.affected ?? []} state={state} />
    </div>
  );
}

function Some({ title, items }: { title: string; items: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (!items.length) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className="evidence">{(all ? items : items.slice(0, 6)).map((one, place) => <li key={place}><Marked text={one} /></li>)}</ul>
      {items.length > 6 && !all && <button type="button" className="button" onClick={() => setAll(true)}>All {items.length}</button>}
    </div>
  );
}

/** By its place: the generated name of the type depends on what else there is. */
type Affected = NonNullable<Finding["affected"]>[number];

/** Ends first: who is hit there notices. */
const ENDS = ["exposure", "metric", "saved_query", "semantic_model"];

function Hit({ affected, state }: { affected: readonly Affected[]; state: State }) {
  const [all, setAll] = useState(false);
  if (!affected.length) return null;
  const ordered = [...affected.filter(({ kind }) => ENDS.includes(kind)), ...affected.filter(({ kind }) => !ENDS.includes(kind))];
  return (
    <div>
      <h3>Reaches ({affected.length})</h3>
      <ul className="edges">
        {ordered.slice(0, all ? undefined : 8).map((one) => (
          <li key={one.node} title={one.path?.join(" → ")}>
            <KindIcon kind={one.kind} />
            <span className="edge-what">
              <a href={state.view === "review" ? addressOf({ ...state, finding: "", node: one.node }) : href(["node", one.node])}><Name text={one.name} /></a>
              <span className="small faint">
                {[one.owner, one.columns?.length ? counted(one.columns.length, "column") : "", one.rows ? "rows" : ""].filter(Boolean).join(" · ")}
              </span>
            </span>
            {one.via === "breaks" && <Word word="broken" />}
          </li>
        ))}
      </ul>
      {affected.length > 8 && !all && <button type="button" className="button" onClick={() => setAll(true)}>All {affected.length}</button>}
    </div>
  );
}
