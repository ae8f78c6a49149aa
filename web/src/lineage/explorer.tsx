// The graph around a column or a node, with its settings above and what is known beside it.

import { useDeferredValue, useEffect, useMemo } from "react";
import { findSlot, type Graph, kindOf, labelOf, refOf } from "../data/graph";
import { type Found, walk, walkNodes } from "../data/walk";
import { number } from "../data/words";
import { remember } from "../search/recent";
import type { Acts } from "./acts";
import { Canvas } from "./canvas";
import { Panel } from "./panel";
import { sceneOf } from "./scene";
import { addressOf, change, focusedOn, type State } from "./state";
import { Sample, Toolbar } from "./toolbar";

/** Boxes at most: more is neither read nor laid out in a second. */
const BOXES = 300;

export function Explorer({ graph, state, slot, whole }: { graph: Graph; state: State; slot: number; whole: boolean }) {
  const found = useMemo(
    () => search(graph, state, slot, whole),
    [graph, slot, whole, state.up, state.down, [...state.classes].join(), [...state.hidden].join(), state.tag],
  );
  const open = [...state.open].join("\n");
  const scene = useMemo(() => sceneOf(graph, { found, open: state.open }), [graph, found, open]);
  const acts = actsOn(graph, state, slot);
  const shown = state.shown === null ? null : ((state.shown && findSlot(graph, state.shown)) || slot);
  const title = labelOf(graph, slot);
  const late = useDeferredValue(shown);

  useEffect(() => {
    document.title = `${title} · lineage`;
    remember({ kind: whole ? kindOf(graph, graph.owner[slot]!) : "column", label: title, to: addressOf(focusedOn(state, refs(graph, slot, whole))) });
  }, [slot, whole]);

  return (
    <div className="view view-wide explorer">
      <Toolbar graph={graph} state={state} slot={slot} title={title} scene={scene} />
      <div className="explorer-main">
        <Canvas scene={scene} acts={{ ...acts, shown }} label={`Lineage of ${title}. Arrow keys move along the edges, Enter follows a column, Space shows it in the panel.`}>
          <Said found={found} title={title} state={state} />
          {scene.lines.some(({ unsure }) => unsure) && <p className="doubt-key"><Sample name="value" unsure />? may be an edge: ambiguous, or known in part</p>}
        </Canvas>
        {late !== null && <Panel key={late} graph={graph} state={state} slot={late} focus={slot} />}
      </div>
    </div>
  );
}

function search(graph: Graph, state: State, slot: number, whole: boolean): Found {
  const { up, down, classes } = state;
  const node = graph.owner[slot]!;
  const hidden = (other: number) => other !== node && state.hidden.size > 0 && isHidden(graph, state.hidden, other);
  if (whole) return walkNodes(graph, { starts: [node], up, down, hidden, boxes: BOXES });
  // Which rows a column's node has decides about the column as well, for those who ask for rows.
  const starts = classes.has("rows") ? [slot, graph.starts[node]!] : [slot];
  return walk(graph, { starts: [...new Set(starts)], up, down, classes, hidden, kept: carrying(graph, state.tag), boxes: BOXES });
}

function isHidden({ nodes }: Graph, hidden: ReadonlySet<string>, node: number): boolean {
  return hidden.has(nodes.kinds[nodes.kind[node]!]!) || hidden.has(nodes.materializations[nodes.materialized[node]!]!);
}

/** Slots that carry a tag, or all without one. */
function carrying({ nodes, owner }: Graph, tag: string): (slot: number) => boolean {
  const place = tag ? nodes.tag_names.indexOf(tag) : -1;
  if (place < 0) return () => true;
  return (slot) => {
    const own = nodes.column_tags[slot];
    return own?.includes(place) || own?.includes(-place - 1) || nodes.tags[owner[slot]!]!.includes(place);
  };
}

function refs(graph: Graph, slot: number, whole: boolean): { column: string } | { node: string } {
  return whole ? { node: refOf(graph, slot) } : { column: refOf(graph, slot) };
}

function actsOn(graph: Graph, state: State, focus: number): Acts {
  return {
    focus,
    shown: null,
    center: graph.nodes.id[graph.owner[focus]!]!,
    pickColumn: (slot) => change(focusedOn(state, { column: refOf(graph, slot) }), {}),
    pickBox: (box) => change(focusedOn(state, { node: box.id }), {}),
    show: (slot) => change(state, { shown: slot === focus ? "" : refOf(graph, slot) }),
    toggle: (box) => change(state, { open: opened(state.open, box.id, box.open ? null : "") }),
    filter: (box, text) => change(state, { open: opened(state.open, box.id, text) }, true),
    close: () => change(state, { shown: null }),
  };
}

function opened(open: ReadonlyMap<string, string>, id: string, filter: string | null): Map<string, string> {
  const next = new Map(open);
  if (filter === null) next.delete(id);
  else next.set(id, filter);
  return next;
}

/** What the graph cannot show by itself. */
function Said({ found, title, state }: { found: Found; title: string; state: State }) {
  if (found.more > 0) {
    return <p className="said" role="status">The nearest {number(found.boxes.size)} boxes; {number(found.more)} more are further away. Fewer steps or kinds of edges show less.</p>;
  }
  if (found.boxes.size > 1) return null;
  const narrow = state.up < 1 || state.down < 1 || state.tag || state.hidden.size || state.classes.size < 4;
  return <p className="said" role="status">Nothing leads to {title} and nothing is made of it{narrow ? ", as far as the settings above show" : ""}.</p>;
}
