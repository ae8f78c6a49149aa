// A change, reviewed: its findings, and beside them what it does to the graph.

import { useMemo } from "react";
import { type Graph, useGraph } from "../data/graph";
import { useData } from "../data/load";
import type { Review } from "../data/types";
import type { Route } from "../route";
import type { Acts } from "../lineage/acts";
import { Canvas } from "../lineage/canvas";
import { sceneOf } from "../lineage/scene";
import { number } from "../data/words";
import { Findings } from "./list";
import { allOf, findingsAt, type Marks, marksOf, ofFinding, ofNode, type Part } from "./scene";
import { change, type State, stateOf } from "./state";
import { Summary } from "./summary";

export function ReviewView({ route }: { route: Route }) {
  const graph = useGraph();
  const review = useData<Review>("review");
  const state = useMemo(() => stateOf(route.query), [route]);
  const marks = useMemo(() => marksOf(graph, review), [graph, review]);
  const part = useMemo(() => partOf(graph, review, marks, state), [graph, review, marks, state.finding, state.node, state.reached]);
  const open = [...state.open].join("\n");
  const scene = useMemo(() => sceneOf(graph, { ...part, open: state.open, closed: part.found.boxes.size > FEW ? 4 : 12, marks, lost: marks.lost }), [graph, part, marks, open]);
  const chosen = chosenNode(review, state);
  return (
    <div className="view view-wide review">
      <Summary review={review} state={state} />
      <div className="review-main">
        <Findings review={review} state={state} />
        <div className="review-graph">
          <Canvas scene={scene} acts={actsOn(review, state, chosen)} label="What the change does to the graph. Arrow keys move along the edges, Enter shows the findings about a box.">
            <Scope state={state} part={part} review={review} />
          </Canvas>
          <Legend />
        </div>
      </div>
    </div>
  );
}

/** Up to so many boxes have room for many columns. */
const FEW = 8;

function chosenNode(review: Review, { finding, node }: State): string {
  return review.findings.find(({ fingerprint }) => fingerprint === finding)?.node ?? node;
}

function partOf(graph: Graph, review: Review, marks: Marks, state: State): Part {
  const finding = review.findings.find(({ fingerprint }) => fingerprint === state.finding);
  if (finding?.node) return ofFinding(graph, marks, finding);
  const node = marks.byId.get(state.node);
  return node ? ofNode(graph, review, marks, node) : allOf(graph, review, state.reached);
}

function actsOn(review: Review, state: State, center: string): Acts {
  const open = (id: string, filter: string | null) => {
    const next = new Map(state.open);
    if (filter === null) next.delete(id);
    else next.set(id, filter);
    return next;
  };
  return {
    focus: null,
    shown: null,
    center,
    pickBox: ({ id }) => change(state, { finding: "", node: id }),
    pickColumn: (slot, { id, rows }) => {
      const column = rows.find((row) => row.slot === slot)?.name;
      const { about } = findingsAt(review, id);
      const finding = about.find((one) => one.column === column) ?? (about.length === 1 ? about[0] : undefined);
      change(state, finding ? { finding: finding.fingerprint, node: "" } : { finding: "", node: id });
    },
    toggle: (box) => change(state, { open: open(box.id, box.open ? null : "") }),
    filter: (box, text) => change(state, { open: open(box.id, text) }, true),
    close: () => change(state, { finding: "", node: "" }),
  };
}

/** Says what part of the change the graph shows, and how to see another. */
function Scope({ state, part, review }: { state: State; part: Part; review: Review }) {
  const finding = review.findings.find(({ fingerprint }) => fingerprint === state.finding);
  const chosen = finding?.node || state.node;
  const more = part.found.more > 0 ? `, ${number(part.found.more)} more are further away` : "";
  const reached = review.nodes.filter((one) => one.reached).length;
  return (
    <div className="scope" role="group" aria-label="What the graph shows">
      {chosen ? (
        <>
          <span>{finding ? "What this finding reaches" : "What reaches this node, and what it reaches"}{more}</span>
          <button type="button" className="button" onClick={() => change(state, { finding: "", node: "" })}>Show the whole change</button>
        </>
      ) : (
        <>
          <span>{state.reached ? "Changed, and what is reached" : "What changed"}{more}</span>
          {reached > 0 && (
            <button type="button" className="button" aria-pressed={state.reached} onClick={() => change(state, { reached: !state.reached })}>
              {number(reached)} reached
            </button>
          )}
        </>
      )}
    </div>
  );
}

const WORDS = ["broken", "removed", "changed", "unknown", "added", "proven equal"];

function Legend() {
  return (
    <ul className="colours" aria-label="Colours">
      {WORDS.map((word) => <li key={word}><span className={`swatch did-${word.replace(" ", "-")}`} />{word}</li>)}
      <li><span className="swatch did-changed did-reached" />only reached</li>
    </ul>
  );
}
