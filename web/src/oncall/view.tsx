// What whoever is on call needs, the most urgent first.

import { index, useData } from "../data/load";
import type { OnCall } from "../data/types";
import { counted, number } from "../data/words";
import { filtersOf, fits, Choice, choices, Found } from "../ui/filters";
import type { Route } from "../route";
import { AlertLines } from "../ui/alerts";
import { Card, Empty, Page } from "../ui/parts";
import { Deployments } from "./deployments";
import { IncidentCard, QuietCard } from "./incidents";
import { JobCard } from "./jobs";
import { Runbooks } from "./runbooks";

const ENDED = 6;

export function OnCallView({ route }: { route: Route }) {
  const data = useData<OnCall>("oncall");
  const filters = filtersOf(route);
  const cases = data.incidents.filter((one) => fits(filters.of("owner"), one.incident.owner));
  const owners = choices(data.incidents.map((one) => one.incident.owner));
  const open = cases.filter((one) => one.ended === null);
  const ended = cases.filter((one) => one.ended !== null);
  return (
    <Page title="On call" lead={<Lead data={data} />}>
      {(owners.length > 1 || filters.of("owner")) && (
        <div className="filters">
          <Choice filters={filters} name="owner" options={owners} />
          {filters.of("owner") && <Found filters={filters} found={cases.length} all={data.incidents.length} />}
        </div>
      )}
      {!open.length && <Card><Empty>No incident is open{index.environment && ` in ${index.environment}`}.</Empty></Card>}
      {open.map((one) => <IncidentCard key={one.incident.id} one={one} asked={filters.of("incident") === one.incident.id} />)}
      {data.late.length > 0 && <Card title="Late, stuck or silent jobs"><AlertLines alerts={data.late} /></Card>}
      <Card title="Jobs" note="those whose last run failed first; the oldest run is on the left">
        {data.jobs.length ? <div className="jobs">{data.jobs.map((job) => <JobCard key={job.name} job={job} />)}</div> : <Empty>No run is in the history yet: <code>analyticsops ingest</code> after each dbt run.</Empty>}
      </Card>
      <div className="columns">
        <Card title="Last deployments" note={data.per_week !== null && `${number(Math.round(data.per_week * 10) / 10)} a week`}>
          <Deployments deployments={data.deployments} />
        </Card>
        <Runbooks cases={data.incidents} />
      </div>
      {data.quiet.length > 0 && <QuietCard incidents={data.quiet} />}
      {ended.length > 0 && (
        <Card title="Ended incidents" note={ended.length > ENDED && `the last ${ENDED} of ${ended.length}`}>
          <div className="ended">{ended.slice(0, ENDED).map((one) => <IncidentCard key={one.incident.id} one={one} asked={filters.of("incident") === one.incident.id} ended />)}</div>
        </Card>
      )}
    </Page>
  );
}

function Lead({ data }: { data: OnCall }) {
  const open = data.incidents.filter((one) => one.ended === null);
  const unseen = open.filter((one) => one.state === "open").length;
  const failed = data.jobs.filter((job) => ["failed", "crashed", "interrupted"].includes(job.runs[0]?.verdict ?? "")).length;
  const said = [
    open.length ? `${counted(open.length, "incident")} open${unseen ? `, ${unseen} not acknowledged` : ""}` : "No incident is open",
    failed ? `the last run of ${counted(failed, "job")} failed` : "the last run of every job went well",
  ];
  return <>{said.join(" · ")}{index.environment && ` · environment ${index.environment}`}</>;
}
