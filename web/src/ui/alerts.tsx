// Alerts, each in its sentence.

import { index } from "../data/load";
import type { AlertFacts } from "../data/types";
import { ago, dateTime } from "../data/words";
import { ObjectiveLink } from "./links";
import { State } from "./parts";

export function AlertLines({ alerts }: { alerts: readonly AlertFacts[] }) {
  return (
    <ul className="lines">
      {alerts.map((alert, place) => (
        <li key={place}>
          <State word={alert.severity} />
          <div className="grow wrap">
            {alert.sentence}
            <div className="faint small">
              {alert.rule} · since <span title={dateTime(alert.since)}>{ago(alert.since, index.at)}</span>
              {alert.objective && <> · <ObjectiveLink name={alert.objective} /></>}
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}
