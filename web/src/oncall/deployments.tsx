// Commits that arrived, and what it took.

import { index } from "../data/load";
import type { DeploymentFacts } from "../data/types";
import { ago, counted, dateTime, length } from "../data/words";
import { Empty } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const COLUMNS: readonly Column<DeploymentFacts>[] = [
  { name: "When", cell: (row) => <span className="nowrap" title={dateTime(row.at)}>{ago(row.at, index.at)}</span>, by: (row) => row.at },
  { name: "Commit", cell: (row) => <code title={row.commit}>{row.commit.slice(0, 10)}</code>, by: (row) => row.commit },
  { name: "Environment", cell: (row) => row.environment, by: (row) => row.environment },
  { name: "Lead time", cell: (row) => (row.lead === null ? <span className="faint">not known</span> : length(row.lead)), by: (row) => row.lead, number: true },
  { name: "Failed before", cell: (row) => (row.failed ? <span className="tone-bad">{counted(row.failed, "run")}</span> : <span className="faint">none</span>), by: (row) => row.failed, number: true },
];

export function Deployments({ deployments }: { deployments: readonly DeploymentFacts[] }) {
  if (!deployments.length) return <Empty>None is known: a run says which commit it ran when it is ingested from a git checkout, or with <code>--git-sha</code>.</Empty>;
  return <Table rows={deployments} columns={COLUMNS} keyOf={(row, place) => `${row.commit}-${place}`} caption="Deployments, the last first" />;
}
