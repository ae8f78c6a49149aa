// What stands badly now: budgets and incidents.

import { index } from "../data/load";
import type { Budget } from "../data/types";
import { ago, counted, percent } from "../data/words";
import { Left, Spark } from "../plots/small";
import { ObjectiveLink } from "../ui/links";
import { Card, Empty, State, tone } from "../ui/parts";

const FIRST = 10;

export function BudgetCard() {
  const { budgets } = index.overview;
  const more = budgets.length - FIRST;
  return (
    <Card title="Objectives" note="the worst first" actions={budgets.length > 0 && <a href="#/objectives">All objectives</a>}>
      {!budgets.length && <Empty>No objective is declared: <code>analyticsops slo suggest</code> proposes some.</Empty>}
      <ul className="budgets">{budgets.slice(0, FIRST).map((budget) => <BudgetLine key={budget.objective} budget={budget} />)}</ul>
      {more > 0 && <a className="small" href="#/objectives">{counted(more, "more objective")}, none of them worse</a>}
    </Card>
  );
}

export function leftTone(left: number | null): string {
  if (left === null) return "quiet";
  return left < 0 ? "bad" : left < 0.25 ? "warn" : "good";
}

function BudgetLine({ budget }: { budget: Budget }) {
  const { objective, subject, state, owner, left, trend, sli, target } = budget;
  const said = `Budget left over its window: from ${percent(trend[0], 0)} to ${percent(left, 0)}`;
  return (
    <li className="budget">
      <div className="budget-name">
        <ObjectiveLink name={objective}>{objective}</ObjectiveLink>
        <span className="faint small" title={subject}>{percent(sli, 2)} good of {percent(target, 2)}{owner && ` · ${owner}`}</span>
      </div>
      <Spark values={trend} tone={leftTone(left)} label={said} />
      <div className="budget-left">
        <span className={left !== null && left < 0 ? "tone-bad" : ""}>{left === null ? "not known" : `${percent(left, 0)} left`}</span>
        <Left left={left} tone={leftTone(left)} />
      </div>
      <span className="budget-state"><State word={state} /></span>
    </li>
  );
}

export function IncidentCard() {
  const { incidents } = index.overview;
  return (
    <Card title="Open incidents" actions={Boolean(incidents?.length) && <a href="#/oncall">On call</a>}>
      {!incidents?.length && <Empty>Nothing is open.</Empty>}
      <ul className="lines">
        {incidents?.map((one) => (
          <li key={one.id}>
            <span className={`dot tone-${tone(one.severity)}`} aria-hidden="true" />
            <div className="grow">
              <a href={`#/oncall?incident=${encodeURIComponent(one.id)}`}>{one.title}</a>
              <div className="faint small">
                {one.severity} · {ago(one.since, index.at)} · {one.owner || "nobody owns it"} · {one.affected} affected
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
