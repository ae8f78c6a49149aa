// All runbooks that incidents named, whichever is needed next.

import { useMemo } from "react";
import type { IncidentCase } from "../data/types";
import { Outside } from "../ui/links";
import { Card, Empty } from "../ui/parts";

export function Runbooks({ cases }: { cases: readonly IncidentCase[] }) {
  const known = useMemo(() => {
    const found = new Map<string, Set<string>>();
    for (const { incident } of cases) {
      if (!incident.runbook) continue;
      const roots = found.get(incident.runbook) ?? new Set();
      found.set(incident.runbook, roots.add(incident.root_label));
    }
    return [...found];
  }, [cases]);
  return (
    <Card title="Runbooks">
      {!known.length && <Empty>No incident names one: <code>runbook:</code> of an objective or an owner.</Empty>}
      <ul className="lines">
        {known.map(([url, roots]) => (
          <li key={url}><div className="wrap"><Outside url={url} /><div className="faint small">{[...roots].join(", ")}</div></div></li>
        ))}
      </ul>
    </Card>
  );
}
