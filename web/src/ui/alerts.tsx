// Alerts: what is wrong, then what else there is to know of it.

import { index } from "../data/load";
import type { AlertFacts } from "../data/types";
import { ago, dateTime } from "../data/words";
import { ObjectiveLink, Outside } from "./links";
import { State } from "./parts";

/** `of`: the objective that they stand under, if one, which needs no link to itself. */
export function AlertLines({ alerts, of = "" }: { alerts: readonly AlertFacts[]; of?: string }) {
  return (
    <ul className="lines alerts">
      {alerts.map((alert, place) => <AlertLine key={place} alert={alert} of={of} />)}
    </ul>
  );
}

/** An alert says everything in one sentence: its first clause is what somebody has to see. */
function AlertLine({ alert, of }: { alert: AlertFacts; of: string }) {
  const [first, ...rest] = alert.sentence.split("; ");
  return (
    <li>
      <span className="alert-state"><State word={alert.severity} /></span>
      <div className="grow wrap">
        {first}
        {rest.length > 0 && <div className="soft small">{rest.map((clause, place) => <span key={place}>{place > 0 && " · "}<Clause text={clause} /></span>)}</div>}
        <div className="faint small">
          {alert.rule} · since <span title={dateTime(alert.since)}>{ago(alert.since, index.at)}</span>
          {alert.objective && alert.objective !== of && <> · <ObjectiveLink name={alert.objective} /></>}
        </div>
      </div>
    </li>
  );
}

function Clause({ text }: { text: string }) {
  const [, before, url] = /^(.*?)(https?:\/\/\S+)$/.exec(text) ?? [];
  return url ? <>{before}<Outside url={url} /></> : <>{text}</>;
}
