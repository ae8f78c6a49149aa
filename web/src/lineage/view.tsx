// The lineage explorer: around a column or a node, or where to begin.

import { useMemo } from "react";
import { findSlot, useGraph } from "../data/graph";
import type { Route } from "../route";
import { Page } from "../ui/parts";
import { Explorer } from "./explorer";
import { Start } from "./start";
import { stateOf } from "./state";

export function LineageView({ route }: { route: Route }) {
  const graph = useGraph();
  const state = useMemo(() => stateOf(route.query), [route]);
  const asked = state.column || state.node;
  if (!asked) return <Start graph={graph} state={state} />;
  const slot = findSlot(graph, asked);
  if (slot === null) {
    return (
      <Page title="Not in this report" lead={`There is no column or node called ${asked}.`}>
        <p><a href="#/lineage">Find another one</a></p>
      </Page>
    );
  }
  return <Explorer graph={graph} state={state} slot={slot} whole={!state.column} />;
}
