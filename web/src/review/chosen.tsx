// What the change does to the node that was chosen on the graph.

import type { Execution, Review } from "../data/types";
import { counted, number, percent } from "../data/words";
import { KindIcon } from "../lineage/kind";
import { href } from "../route";
import { Icon } from "../ui/icons";
import { Name } from "../ui/marked";
import { State as Word } from "../ui/parts";
import { change, type State } from "./state";

export function Chosen({ review, state }: { review: Review; state: State }) {
  const node = review.nodes.find((one) => one.node === state.node);
  if (!node) return <p className="faint">The change does not reach {state.node}.</p>;
  const columns = node.columns.length;
  return (
    <div className="chosen">
      <div className="chosen-head">
        <KindIcon kind={node.kind} />
        <h2><Name text={node.label} /></h2>
        <Word word={node.verdict || node.change} />
        <button type="button" className="button button-bare" aria-label="Back to all findings" onClick={() => change(state, { node: "", finding: "" })}><Icon name="close" size={14} /></button>
      </div>
      <p className="small soft">
        {node.reached ? "Its own definition did not change; the change reaches it." : node.reason || "Its definition changed."}
        {columns > 0 && ` ${counted(columns, "column")} ${columns === 1 ? "is" : "are"} touched${node.rows ? ", and which rows it has" : ""}.`}
        {!columns && node.rows && " Which rows it has may differ."}
      </p>
      {review.executions.filter((one) => one.node === node.node).map((one) => <Executed key={one.data} one={one} />)}
      {node.place >= 0 && (
        <p className="row small"><a href={href(["lineage"], { node: node.node })}>Lineage</a><a href={href(["node", node.node])}>Its page</a></p>
      )}
    </div>
  );
}

/** What came out when both versions ran on the same data. */
export function Executed({ one }: { one: Execution }) {
  const shares = (one.columns ?? []).slice(0, 6);
  return (
    <div className="executed small">
      <p>
        <Word word={one.outcome === "differs" ? "changed" : one.outcome === "unknown" ? "unknown" : "ok"}>{one.outcome}</Word>{" "}
        executed on {one.data} data{one.databases ? `, ${number(one.differing ?? 0)} of ${counted(one.databases, "database")} differ` : ""}
        {one.rows ? `; ${counted(one.rows, "row")}, ${number(one.rows_removed ?? 0)} gone, ${number(one.rows_added ?? 0)} new` : ""}.
        {one.outcome === "no difference" && " That proves nothing, it is a sign."}
      </p>
      {one.reason && <p className="faint">{one.reason}</p>}
      {shares.length > 0 && <p className="faint">{shares.map(({ column, differing }) => `${column}: ${percent(differing)} differ`).join(" · ")}</p>}
    </div>
  );
}
