// What `analyticsops check` finds in the project as it is.

import { useMemo } from "react";
import { index, useData } from "../data/load";
import type { Found, Review } from "../data/types";
import { counted } from "../data/words";
import { Findings } from "../review/list";
import { change, SEVERITIES, stateOf } from "../review/state";
import type { Route } from "../route";
import { Page } from "../ui/parts";

export function FindingsView({ route }: { route: Route }) {
  const found = useData<Found>("findings");
  const state = useMemo(() => stateOf(route.query, "findings"), [route]);
  const open = found.findings.filter(({ accepted }) => !accepted);
  // The list is that of a review, in which nothing changed.
  const review: Review = useMemo(
    () => ({ ...found, base: index.project, title: "", nodes: [], verdicts: [], executions: [] }),
    [found],
  );
  return (
    <Page
      title="Findings"
      lead={`What check finds in the project as it is: ${counted(open.length, "finding")}${found.failed ? "; with these it fails" : ""}.`}
      actions={SEVERITIES.map((severity) => {
        const count = open.filter((finding) => finding.severity === severity).length;
        return (
          <button key={severity} type="button" className="button" aria-pressed={state.severity === severity} disabled={!count} onClick={() => change(state, { severity: state.severity === severity ? "" : severity })}>
            {counted(count, severity)}
          </button>
        );
      })}
    >
      <div className="card findings-alone"><Findings review={review} state={state} /></div>
    </Page>
  );
}
