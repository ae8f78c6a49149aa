// The first view: how it stands, in figures, and what needs somebody.

import { index } from "../data/load";
import { counted, number, percent } from "../data/words";
import { Marked } from "../ui/marked";
import { Card, Figure, Page } from "../ui/parts";
import { BudgetCard, IncidentCard } from "./now";
import { ChangeCard, CoverageCard, FindingCard, MetricCard, OwnerCard } from "./rest";

export function OverviewView() {
  return (
    <Page title="Overview" lead={<Lead />}>
      <Figures />
      {index.overview.objectives ? <WithHistory /> : <WithoutHistory />}
      <Notes />
    </Page>
  );
}

function WithHistory() {
  return (
    <div className="columns">
      <div className="stack">
        <BudgetCard />
        <OwnerCard />
      </div>
      <div className="stack">
        <IncidentCard />
        <ChangeCard />
        <CoverageCard />
        <MetricCard />
        <FindingCard />
      </div>
    </div>
  );
}

function WithoutHistory() {
  return (
    <div className="columns">
      <div className="stack">
        <CoverageCard />
        <MetricCard />
        <OwnerCard />
      </div>
      <div className="stack">
        <FindingCard />
        <Card title="Not in this report">
          <p className="soft">Objectives and their budgets, incidents, jobs, deployments and what changed lately need a history of runs.</p>
          <p className="soft"><code>analyticsops ingest</code> after each dbt run keeps one; the next report shows it.</p>
        </Card>
      </div>
    </div>
  );
}

/** The one thing to know, before any number. */
function Lead() {
  const { objectives, incidents } = index.overview;
  if (!objectives || !incidents) return <>There is no history of runs yet: <code>analyticsops ingest</code> after each dbt run starts one.</>;
  const pages = incidents.filter((one) => one.severity === "page").length;
  const unmet = objectives.filter((one) => one.name !== "met").reduce((sum, one) => sum + one.count, 0);
  if (!incidents.length && !unmet) return <>All objectives are met and nothing is open.</>;
  return (
    <>
      {incidents.length ? `${counted(incidents.length, "incident")} open${pages ? `, ${pages} of them paging` : ""}` : "No incident is open"}
      {unmet ? ` · ${counted(unmet, "objective")} not met` : " · all objectives are met"}
    </>
  );
}

function Figures() {
  const { objectives, incidents, metrics, coverage, products, ready } = index.overview;
  const states = new Map(objectives?.map(({ name, count }) => [name, count]));
  const all = objectives?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const known = metrics.reduce((sum, { count }) => sum + count, 0);
  const certified = metrics.find(({ name }) => name === "certified")?.count ?? 0;
  const failing = (states.get("breached") ?? 0) + (states.get("exhausted") ?? 0);
  return (
    <div className="figures">
      {objectives && all > 0 && (
        <>
          <Figure value={<Of part={states.get("met") ?? 0} all={all} />} label="objectives met" href="#/objectives?state=met" />
          <Figure value={states.get("burning") ?? 0} label="burning their budget" tone={states.get("burning") ? "warn" : ""} href="#/objectives?state=burning" />
          <Figure value={failing} label="breached or exhausted" tone={failing ? "bad" : ""} href="#/objectives" />
        </>
      )}
      {incidents && <Figure value={incidents.length} label="open incidents" tone={incidents.length ? "bad" : "good"} href="#/oncall" />}
      {known > 0 && <Figure value={<Of part={certified} all={known} />} label="metrics certified" href="#/metrics?tier=certified" />}
      <Figure value={percent(coverage.percent / 100)} label="of lineage proven" href="#/lineage" />
      {products > 0 && <Figure value={<Of part={ready} all={products} />} label="data products ready" href="#/readiness" />}
    </div>
  );
}

function Of({ part, all }: { part: number; all: number }) {
  return <>{number(part)}<span className="figure-of"> / {number(all)}</span></>;
}

function Notes() {
  if (!index.notes.length) return null;
  return (
    <Card title="About these artifacts">
      <ul className="lines soft">{index.notes.map((note) => <li key={note}><span><Marked text={note} /></span></li>)}</ul>
    </Card>
  );
}
