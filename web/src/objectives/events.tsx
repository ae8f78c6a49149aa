// Of objectives about events: what each brought, good or bad.

import { useMemo } from "react";
import type { Objective, ObjectiveEvent } from "../data/types";
import { counted, dateTime, number } from "../data/words";
import { Strip } from "../plots/small";
import { Empty } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const COLUMNS: readonly Column<ObjectiveEvent>[] = [
  { name: "Time", cell: (event) => dateTime(event.at), by: (event) => event.at },
  { name: "What", cell: (event) => event.text, by: (event) => event.text },
  { name: "Known", cell: (event) => (event.kind === "unknown" ? <span className="tone-warn">no</span> : "yes"), by: (event) => event.kind },
  { name: "Good", cell: (event) => number(event.good ?? 0), by: (event) => event.good ?? 0, number: true },
  { name: "Bad", cell: (event) => (event.bad ? <span className="tone-bad">{number(event.bad)}</span> : "0"), by: (event) => event.bad ?? 0, number: true },
];

function said(event: ObjectiveEvent): string {
  return event.kind === "unknown" ? "not known whether it was good" : `${event.good ?? 0} good, ${event.bad ?? 0} bad`;
}

/** As many as stand beside each other in a window of usual width. */
const DRAWN = 110;

export function Events({ objective }: { objective: Objective }) {
  const events = useMemo(() => objective.events.filter((event) => event.kind === "event" || event.kind === "unknown"), [objective]);
  if (!events.length) return <Empty>Nothing has counted in this window yet.</Empty>;
  const drawn = events.slice(-DRAWN);
  const most = Math.max(...drawn.map((event) => (event.good ?? 0) + (event.bad ?? 0)), 1);
  const bad = drawn.filter((event) => event.bad).length;
  return (
    <>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Events, drawn">
        <Strip
          label={`The last ${counted(drawn.length, "event")}, ${bad} of them bad`}
          cells={drawn.map((event, place) => ({
            key: `${event.at}-${place}`,
            tone: event.kind === "unknown" ? "quiet" : event.bad ? "bad" : "good",
            height: event.kind === "unknown" ? 0.5 : ((event.good ?? 0) + (event.bad ?? 0)) / most,
            title: `${dateTime(event.at)}: ${event.text}, ${said(event)}`,
          }))}
        />
      </div>
      <p className="faint small">The last {counted(drawn.length, "event")}, the oldest first; {bad || "none"} of them bad.</p>
      <Table rows={events} columns={COLUMNS} keyOf={(event, place) => `${event.at}-${place}`} caption="Events of the window" start="-Time" />
    </>
  );
}
