// Findings by severity, and the models with their verdicts.

import { useMemo, useState } from "react";
import type { Finding, Review } from "../data/types";
import { counted } from "../data/words";
import { KindIcon } from "../lineage/kind";
import { Icon } from "../ui/icons";
import { Empty, State as Word } from "../ui/parts";
import { Chosen } from "./chosen";
import { FindingItem } from "./finding";
import { findingsAt } from "./scene";
import { addressOf, change, SEVERITIES, type State } from "./state";

const FIRST = 60;

export function Findings({ review, state }: { review: Review; state: State }) {
  const wanted = useMemo(() => filtered(review, state), [review, state]);
  const rules = useMemo(() => new Map(review.rules.map((rule) => [rule.code, rule])), [review]);
  const open = wanted.filter(({ accepted }) => !accepted);
  const accepted = wanted.filter((finding) => finding.accepted);
  const groups = SEVERITIES.map((severity) => [severity, open.filter((finding) => finding.severity === severity)] as const).filter(([, found]) => found.length);
  return (
    <section className="findings" aria-label="Findings">
      <Filters review={review} state={state} />
      {state.node && <Chosen review={review} state={state} />}
      {groups.map(([severity, found]) => (
        <Group key={severity} title={severity === "info" ? "Info" : severity === "error" ? "Errors" : "Warnings"} found={found} state={state} rules={rules} />
      ))}
      {!wanted.length && <Empty>{review.findings.length ? "No finding is like that." : state.view === "review" ? "No finding: nothing that readers rely on changed." : "No finding: there is nothing to mend."}</Empty>}
      {accepted.length > 0 && (
        <details className="group" open={accepted.some(({ fingerprint }) => fingerprint === state.finding)}>
          <summary>Accepted ({accepted.length})</summary>
          <Group title="" found={accepted} state={state} rules={rules} />
        </details>
      )}
      {!state.node && <Models review={review} state={state} />}
    </section>
  );
}

function filtered(review: Review, state: State): Finding[] {
  const at = state.node ? findingsAt(review, state.node) : null;
  const known = at ? [...at.about, ...at.reaching] : review.findings;
  return known.filter((finding) =>
    (!state.severity || finding.severity === state.severity)
    && (!state.owner || ownersOf(finding).includes(state.owner))
    && (!state.rule || finding.rule === state.rule));
}

/** Who has to know: the owner of the subject, and of what is hit. */
function ownersOf(finding: Finding): string[] {
  return [finding.owner ?? "", ...(finding.affected ?? []).map(({ owner }) => owner ?? "")].filter(Boolean);
}

function Filters({ review, state }: { review: Review; state: State }) {
  const owners = useMemo(() => [...new Set(review.findings.flatMap(ownersOf))].sort(), [review]);
  const rules = useMemo(() => [...new Map(review.findings.map(({ rule, name }) => [rule, name]))].sort(), [review]);
  return (
    <div className="findings-filters">
      <select className="input" aria-label="Rule" value={state.rule} onChange={(event) => change(state, { rule: event.target.value })}>
        <option value="">All rules</option>
        {rules.map(([code, name]) => <option key={code} value={code}>{code} {name}</option>)}
      </select>
      {owners.length > 0 && (
        <select className="input" aria-label="Owner" value={state.owner} onChange={(event) => change(state, { owner: event.target.value })}>
          <option value="">All owners</option>
          {owners.map((owner) => <option key={owner}>{owner}</option>)}
        </select>
      )}
    </div>
  );
}

function Group({ title, found, state, rules }: {
  title: string; found: readonly Finding[]; state: State; rules: ReadonlyMap<string, Review["rules"][number]>;
}) {
  const chosen = found.findIndex(({ fingerprint }) => fingerprint === state.finding);
  const [most, setMost] = useState(FIRST);
  const shown = found.slice(0, Math.max(most, chosen + 1));
  return (
    <div className="group">
      {title && <h2 className="group-title">{title}<span>{found.length}</span></h2>}
      <ul>
        {shown.map((finding) => <FindingItem key={finding.fingerprint} finding={finding} rule={rules.get(finding.rule)} state={state} />)}
      </ul>
      {found.length > shown.length && <button type="button" className="more" onClick={() => setMost(most + FIRST * 4)}>Show more ({found.length - shown.length} left)</button>}
    </div>
  );
}

/** Also those without a finding: what is proven equal is worth saying. */
function Models({ review, state }: { review: Review; state: State }) {
  const [all, setAll] = useState(false);
  const nodes = review.nodes.filter(({ verdict }) => verdict);
  const shown = all ? nodes : nodes.slice(0, 12);
  if (!nodes.length) return null;
  return (
    <div className="group">
      <h2 className="group-title">Changed nodes<span>{nodes.length}</span></h2>
      <ul className="picks">
        {shown.map(({ node, label, kind, verdict, reason }) => (
          <li key={node} title={reason}>
            <a href={addressOf({ ...state, finding: "", node })}><KindIcon kind={kind} /><span>{label}</span><span className="picks-said"><Word word={verdict} /></span></a>
          </li>
        ))}
      </ul>
      {nodes.length > shown.length && <button type="button" className="more" onClick={() => setAll(true)}>All {counted(nodes.length, "node")} <Icon name="down" size={12} /></button>}
    </div>
  );
}
