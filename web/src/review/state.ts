// What of the findings is shown, as it stands in the address.

import { go } from "../route";

export const SEVERITIES = ["error", "warning", "info"] as const;

export interface State {
  /** Findings about a change, or about the project as it is. */
  readonly view: "review" | "findings";
  /** Fingerprint of the finding that is chosen; empty for none. */
  readonly finding: string;
  /** Node that is chosen, by id. */
  readonly node: string;
  readonly severity: string;
  readonly owner: string;
  readonly rule: string;
  /** True if the graph holds what the change only reaches. */
  readonly reached: boolean;
  readonly open: ReadonlyMap<string, string>;
}

export function stateOf(query: URLSearchParams, view: State["view"] = "review"): State {
  return {
    view,
    finding: query.get("finding") ?? "",
    node: query.get("node") ?? "",
    severity: query.get("severity") ?? "",
    owner: query.get("owner") ?? "",
    rule: query.get("rule") ?? "",
    reached: query.get("reached") === "yes",
    open: new Map(query.getAll("open").map((entry) => {
      const [id = "", filter = ""] = entry.split("\n", 2);
      return [id, filter];
    })),
  };
}

export function addressOf(state: State): string {
  const query = new URLSearchParams();
  for (const key of ["finding", "node", "severity", "owner", "rule"] as const) if (state[key]) query.set(key, state[key]);
  if (state.reached) query.set("reached", "yes");
  for (const [id, filter] of state.open) query.append("open", filter ? `${id}\n${filter}` : id);
  return query.size ? `#/${state.view}?${query}` : `#/${state.view}`;
}

export function change(state: State, changes: Partial<State>, replace = false): void {
  go(addressOf({ ...state, ...changes }), replace);
}
