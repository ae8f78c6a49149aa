// Of objectives about events: what each brought, good or bad.

import { useMemo, useState } from "react";
import type { Objective, ObjectiveEvent } from "../data/types";
import { counted, dateTime, number } from "../data/words";
import { Strip } from "../plots/small";
import { Empty } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const COLUMNS: readonly Column<ObjectiveEvent>[] = [
  { name: "Time", cell: (event) => <span className="nowrap">{dateTime(event.at)}</span>, by: (event) => event.at },
  { name: "What", cell: (event) => <>{event.text}{event.kind === "unknown" && <span className="faint"> (not known whether it was good)</span>}</>, by: (event) => event.text, grow: true },
  { name: "Good", cell: (event) => number(event.good ?? 0), by: (event) => event.good ?? 0, number: true },
  { name: "Bad", cell: (event) => (event.bad ? <span className="tone-bad">{number(event.bad)}</span> : "0"), by: (event) => event.bad ?? 0, number: true },
];

/** As many as stand beside each other in a window of usual width. */
const DRAWN = 116;

export function Events({ objective }: { objective: Objective }) {
  const events = useMemo(() => objective.events.filter((event) => event.kind === "event" || event.kind === "unknown"), [objective]);
  const notable = useMemo(() => events.filter(isNotable), [events]);
  const [all, setAll] = useState(false);
  // Of very many, the report holds the last ones.
  const counts = Math.round(objective.standing.counted);
  if (!events.length) return <Empty>Nothing has counted in this window yet.</Empty>;
  return (
    <>
      <Drawn events={events.slice(-DRAWN)} />
      <div className="row">
        <h3>{all ? (events.length < counts ? "The last events" : "All events") : "Those that were not good"}</h3>
        <button type="button" className="plot-switch" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? `Show the ${notable.length} that were not good` : `Show ${events.length < counts ? "the last" : "all"} ${number(events.length)}`}
        </button>
      </div>
      <Table rows={all ? events : notable} columns={COLUMNS} keyOf={(event, place) => `${event.at}-${place}`} caption="Events of the window" start="-Time" empty="All were good." />
    </>
  );
}

function isNotable(event: ObjectiveEvent): boolean {
  return Boolean(event.bad) || event.kind === "unknown";
}

function Drawn({ events }: { events: readonly ObjectiveEvent[] }) {
  const most = Math.max(...events.map(amount), 1);
  const bad = events.filter((event) => event.bad).length;
  const unknown = events.filter((event) => event.kind === "unknown").length;
  const said = `The last ${counted(events.length, "event")}: ${bad || "none"} bad${unknown ? `, ${unknown} not known` : ""}`;
  return (
    <>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Events, drawn">
        <Strip
          label={said}
          cells={events.map((event, place) => ({
            key: `${event.at}-${place}`,
            tone: event.kind === "unknown" ? "quiet" : event.bad ? "bad" : "good",
            height: event.kind === "unknown" ? 0.5 : amount(event) / most,
            title: `${dateTime(event.at)}: ${titled(event)}`,
          }))}
        />
      </div>
      <p className="faint small">{said}; the oldest is on the left.</p>
    </>
  );
}

function amount(event: ObjectiveEvent): number {
  return (event.good ?? 0) + (event.bad ?? 0);
}

function titled(event: ObjectiveEvent): string {
  const how = event.kind === "unknown" ? "not known whether it was good" : `${event.good ?? 0} good, ${event.bad ?? 0} bad`;
  return event.text ? `${event.text}, ${how}` : how;
}
