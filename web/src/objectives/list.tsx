// All objectives, to be filtered by what somebody cares for.

import { useMemo } from "react";
import { useData } from "../data/load";
import type { Objectives, StandingFacts } from "../data/types";
import { counted, percent } from "../data/words";
import { leftTone } from "../overview/now";
import { Left } from "../plots/small";
import type { Route } from "../route";
import { Choice, choices, type Filters, filtersOf, fits, Found, Typed } from "../ui/filters";
import { ObjectiveLink } from "../ui/links";
import { Marked } from "../ui/marked";
import { Card, Page, State } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const ORDER = ["exhausted", "breached", "burning", "unknown", "met"];

const COLUMNS: readonly Column<StandingFacts>[] = [
  {
    name: "Objective",
    by: (row) => row.objective,
    cell: (row) => (
      <>
        <ObjectiveLink name={row.objective} />
        <div className="faint small">{row.indicator}{row.tier && ` · ${row.tier}`}</div>
      </>
    ),
  },
  { name: "State", cell: (row) => <State word={row.state} />, by: (row) => ORDER.indexOf(row.state) },
  {
    name: "Budget left",
    by: (row) => row.budget_left,
    cell: (row) => (
      <div className="left-cell">
        <span className={row.budget_left !== null && row.budget_left < 0 ? "tone-bad" : ""}>{percent(row.budget_left, 0)}</span>
        <Left left={row.budget_left} tone={leftTone(row.budget_left)} />
      </div>
    ),
  },
  { name: "Good", cell: (row) => percent(row.sli, 2), by: (row) => row.sli, number: true },
  { name: "Target", cell: (row) => percent(row.target, 2), by: (row) => row.target, number: true },
  { name: "Window", cell: (row) => <span className="nowrap">{row.window}</span>, by: (row) => row.window },
  { name: "Owner", cell: (row) => row.owner || <span className="faint">nobody</span>, by: (row) => row.owner || null },
];

export function ObjectivesView({ route }: { route: Route }) {
  const { standings, invalid } = useData<Objectives>("objectives");
  const filters = filtersOf(route);
  const found = useMemo(() => standings.filter((one) => matches(one, filters)), [standings, route]);
  return (
    <Page title="Objectives" lead="What was promised about data and jobs, and how much of each error budget is left. The worst first.">
      {invalid.length > 0 && (
        <Card title={`${counted(invalid.length, "objective")} cannot be judged`} className="card-warn">
          <ul className="lines">{invalid.map((text) => <li key={text}><span className="wrap"><Marked text={text} /></span></li>)}</ul>
        </Card>
      )}
      <div className="filters">
        <Typed filters={filters} label="Name or subject" />
        <Choice filters={filters} name="state" options={ORDER.filter((state) => standings.some((one) => one.state === state))} />
        <Choice filters={filters} name="tier" options={choices(standings.map((one) => one.tier))} />
        <Choice filters={filters} name="owner" options={choices(standings.map((one) => one.owner))} />
        <Choice filters={filters} name="indicator" options={choices(standings.map((one) => one.indicator))} />
        <Found filters={filters} found={found.length} all={standings.length} />
      </div>
      <Card>
        <Table
          rows={found} columns={COLUMNS} keyOf={(row) => row.objective} caption="Objectives"
          empty={standings.length ? "No objective fits these filters." : <>No objective is declared: <code>analyticsops slo suggest</code> proposes some.</>}
        />
      </Card>
    </Page>
  );
}

function matches(one: StandingFacts, { of }: Filters): boolean {
  const words = of("q").toLowerCase().split(/\s+/);
  const text = `${one.objective} ${one.subject}`.toLowerCase();
  return (
    words.every((word) => text.includes(word)) && fits(of("state"), one.state) && fits(of("tier"), one.tier) &&
    fits(of("owner"), one.owner) && fits(of("indicator"), one.indicator)
  );
}
