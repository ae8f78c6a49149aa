// One objective: how it stands, why, and what comes.

import type { ReactNode } from "react";
import { has, index, useData } from "../data/load";
import type { Objective, Objectives, StandingFacts } from "../data/types";
import { ago, dateTime, length, number, percent, shortTime } from "../data/words";
import { leftTone } from "../overview/now";
import type { Route } from "../route";
import { NodeLink, Outside } from "../ui/links";
import { AlertLines } from "../ui/alerts";
import { Card, Code, Figure, Page, State, tone } from "../ui/parts";
import { BurnDown } from "./burndown";
import { Events } from "./events";
import { Lag } from "./lag";
import { BadSpans } from "./spans";
import { Staleness } from "./staleness";
import { amount, forecast, standing } from "./words";

export function ObjectiveView({ route }: { route: Route }) {
  // Names hold slashes of their own.
  const name = route.path.slice(1).join("/");
  if (!has("objectives")) return <Unknown name={name} />;
  return <Found name={name} />;
}

function Unknown({ name }: { name: string }) {
  return <Page title={name} lead="There is no such objective in this report."><a href="#/objectives">All objectives</a></Page>;
}

function Found({ name }: { name: string }) {
  const { standings, per_chunk } = useData<Objectives>("objectives");
  const place = standings.findIndex((one) => one.objective === name);
  if (place < 0) return <Unknown name={name} />;
  return <One chunk={Math.floor(place / per_chunk)} place={place % per_chunk} />;
}

function One({ chunk, place }: { chunk: number; place: number }) {
  const objective = useData<Objective[]>(`objectives/${chunk}`)[place]!;
  const now = objective.standing;
  return (
    <Page title={now.objective} lead={standing(now)} actions={<State word={now.state} />}>
      <Figures objective={objective} />
      {objective.alerts.length > 0 && <Card title="Alerts now"><AlertLines alerts={objective.alerts} of={now.objective} /></Card>}
      <Card title="Error budget" note={`${now.window}, from ${shortTime(now.window_from)} to ${shortTime(objective.window_until)}`}>
        <BurnDown objective={objective} />
      </Card>
      {objective.age && <Card title="Staleness and loads"><Staleness objective={objective} /></Card>}
      {!objective.age && objective.bad.length > 0 && <Card title="When it was bad"><BadSpans spans={objective.bad} /></Card>}
      {objective.unit === "events" && <Card title="Events"><Events objective={objective} /></Card>}
      <div className="grid">
        {objective.lag.length > 0 && <Card title="Where the age comes from" note="from the source to the node"><Lag objective={objective} /></Card>}
        <Ahead now={now} />
      </div>
      <div className="grid">
        <About objective={objective} />
        {objective.declared && <Card title="As it holds" note="as OpenSLO, with every default"><Code text={objective.declared} label="The objective as YAML" /></Card>}
      </div>
    </Page>
  );
}

function Figures({ objective: { standing: now, unit } }: { objective: Objective }) {
  const left = now.budget_left;
  const worse = now.sli_worst !== null && now.sli_worst !== now.sli;
  return (
    <div className="figures">
      <Figure value={left === null ? "–" : percent(left, 0)} label={`of the budget left, ${amount(now.budget_allowed, unit)} in all`} tone={left === null ? "" : leftTone(left)} />
      <Figure value={percent(now.sli, 2)} label={<>good; has to be {percent(now.target, 2)}{worse && <>; {percent(now.sli_worst, 2)} if all that is unknown were bad</>}</>} tone={now.sli !== null && now.sli < now.target ? "bad" : ""} />
      <Figure value={amount(now.bad, unit)} label={`bad of ${amount(now.counted, unit)} that counted`} />
      {now.unknown > 0 && <Figure value={amount(now.unknown, unit)} label="not known" tone="quiet" />}
      <Figure value={now.now} label={now.since ? `now, since ${shortTime(now.since)}` : "now"} tone={tone(now.now)} />
    </div>
  );
}

function Ahead({ now }: { now: StandingFacts }) {
  const lines = forecast(now);
  return (
    <Card title="Forecast">
      {lines.length ? lines.map((line) => <p key={line}>{line}</p>) : <p className="faint">Nothing suggests that its budget will be used up.</p>}
      {now.burning.length > 0 && (
        <>
          <h3>Rules that fire</h3>
          <ul className="lines">
            {now.burning.map((rule) => (
              <li key={rule.rule}>
                <span className="alert-state"><State word={rule.page ? "page" : "ticket"} /></span>
                <span className="grow wrap">
                  Budget burns {number(Math.round(rule.rate * 10) / 10)} times as fast as it lasts
                  <span className="faint small rule">{rule.rule} · fires from {number(Math.round(rule.threshold * 10) / 10)} times</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function About({ objective: { standing: now, timezone, threshold } }: { objective: Objective }) {
  const facts: [string, ReactNode][] = [
    ["Subject", now.node ? <NodeLink id={now.node}>{now.subject}</NodeLink> : now.subject],
    ["Indicator", now.indicator],
    ["Tier", now.tier],
    ["Owner", now.owner || <span className="tone-warn">nobody</span>],
    ["Runbook", now.runbook && <Outside url={now.runbook} />],
    ["Data up to", now.data_at && <>{dateTime(now.data_at)} <span className="faint">({ago(now.data_at, index.at)})</span></>],
    ["May be old", threshold !== null && length(threshold)],
    ["Time zone", timezone],
    ["Known until", dateTime(now.known_until)],
    ["Declared in", <span className="mono">{now.where}</span>],
  ];
  return (
    <Card title="About it">
      <dl className="facts">
        {facts.filter(([, value]) => value).map(([name, value]) => <div key={name} className="fact-row"><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </Card>
  );
}
