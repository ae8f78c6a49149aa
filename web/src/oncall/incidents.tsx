// An incident: its cause, whom it concerns, what to read, what it reaches, and its course.

import { type ReactNode, useEffect, useRef } from "react";
import { index } from "../data/load";
import type { IncidentCase, IncidentFacts } from "../data/types";
import { ago, counted, dateTime, length, shortTime } from "../data/words";
import { href } from "../route";
import { AlertLines } from "../ui/alerts";
import { isNode, MetricLink, NodeLink, Outside } from "../ui/links";
import { Card, State } from "../ui/parts";

interface Shown {
  one: IncidentCase;
  /** The address names it: it is brought into view. */
  asked: boolean;
  ended?: boolean;
}

export function IncidentCard(shown: Shown) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Once the frame has put a new view to its beginning.
    if (shown.asked) requestAnimationFrame(() => place.current?.scrollIntoView({ block: "start" }));
  }, [shown.asked]);
  return <div ref={place} className={shown.asked ? "asked" : ""}><Incident {...shown} /></div>;
}

function Incident({ one, asked, ended = false }: Shown) {
  const { incident, state } = one;
  if (ended) {
    return (
      <details className="incident-ended" open={asked}>
        <summary>
          <State word={state} /> <span className="wrap">{incident.title}</span>
          <span className="push faint small">{shortTime(incident.since)}, for {lasted(one)}</span>
        </summary>
        <Inside one={one} />
      </details>
    );
  }
  return (
    <Card className={`incident incident-${incident.severity}`} title={incident.title} actions={<span className="row"><State word={incident.severity} /><State word={state} /></span>}>
      <Inside one={one} />
    </Card>
  );
}

function lasted({ incident, ended }: IncidentCase): string {
  return ended === null ? "" : length(ended - Date.parse(incident.since) / 1000);
}

function Inside({ one }: { one: IncidentCase }) {
  const { incident, acknowledged, ended } = one;
  return (
    <div className="incident-parts">
      <div className="stack">
        <dl className="facts">
          <Fact name={incident.suspected ? "Likely cause" : "Cause"}><Cause incident={incident} /></Fact>
          <Fact name="Since">{dateTime(incident.since)} <span className="faint">({ago(incident.since, index.at)}{ended !== null && `, for ${lasted(one)}`})</span></Fact>
          <Fact name="Owner">{incident.owner || <span className="tone-warn">nobody</span>}</Fact>
          <Fact name="Acknowledged">{acknowledged ? `by ${acknowledged}` : ended === null ? <span className="tone-bad">by nobody</span> : "by nobody"}</Fact>
          <Fact name="Runbook">{incident.runbook ? <Outside url={incident.runbook} /> : <span className="faint">none is named</span>}</Fact>
        </dl>
        <h3>What is wrong</h3>
        <AlertLines alerts={incident.alerts} />
      </div>
      <div className="stack">
        <h3>What it reaches</h3>
        <Reached affected={incident.affected} />
        <h3>Course</h3>
        <ol className="course">
          {one.course.map((happening, place) => (
            <li key={place}><time className="faint small" title={dateTime(happening.at)}>{shortTime(happening.at)}</time><span className="wrap">{happening.text}</span></li>
          ))}
        </ol>
        <span className="faint small">incident {incident.id}</span>
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div className="fact-row"><dt>{name}</dt><dd>{children}</dd></div>;
}

function Cause({ incident: { root, root_label } }: { incident: IncidentFacts }) {
  return (
    <>
      <NodeLink id={root}>{root_label}</NodeLink>
      {isNode(root) && <> <a className="small" href={href(["lineage"], { node: root })}>lineage</a></>}
    </>
  );
}

const SHOWN = 12;

function Reached({ affected }: { affected: IncidentFacts["affected"] }) {
  const { marts = [], metrics = [], exposures = [], owners = [], others = 0 } = affected;
  if (!marts.length && !metrics.length && !exposures.length && !others) return <p className="faint">Nothing downstream.</p>;
  return (
    <dl className="facts">
      {marts.length > 0 && <Fact name="Marts">{listed(marts)}</Fact>}
      {metrics.length > 0 && <Fact name="Metrics">{listed(metrics.map((name) => <MetricLink key={name} name={name} />))}</Fact>}
      {exposures.length > 0 && <Fact name="Exposures">{listed(exposures)}</Fact>}
      {others > 0 && <Fact name="Besides">{counted(others, "node")}</Fact>}
      {owners.length > 0 && <Fact name="Owners">{listed(owners)}</Fact>}
    </dl>
  );
}

function listed(parts: readonly ReactNode[]): ReactNode {
  const shown = parts.slice(0, SHOWN);
  return (
    <>
      {shown.map((part, place) => <span key={place}><span className="whole">{part}{place < parts.length - 1 && ","}</span> </span>)}
      {parts.length > SHOWN && <span className="faint">and {parts.length - SHOWN} more</span>}
    </>
  );
}

export function QuietCard({ incidents }: { incidents: readonly IncidentFacts[] }) {
  return (
    <Card title="In maintenance" note="known, and nobody is told">
      <ul className="lines">
        {incidents.map((incident) => (
          <li key={incident.id}>
            <span className="wrap">{incident.title} <span className="faint">· <Cause incident={incident} /></span></span>
            <span className="push faint small">since {shortTime(incident.since)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
