// Settings of the graph. The switches for edges are its legend too.

import { Popover, PopoverDisclosure, PopoverProvider } from "@ariakit/react";
import { CLASSES, type EdgeClass, type Graph, kindOf } from "../data/graph";
import { Icon } from "../ui/icons";
import { CopyLink, Pictures } from "./share";
import { KindIcon } from "./kind";
import type { Scene } from "./scene";
import { change, DEPTHS, type State, toggled } from "./state";

export const CLASS_WORDS: Record<EdgeClass, { name: string; why: string }> = {
  value: { name: "Values", why: "its value is made of the other's value" },
  control: { name: "Conditions", why: "the other decides its value: CASE, window" },
  rows: { name: "Rows", why: "the other decides which rows there are: joins, filters, grouping" },
  depends: { name: "Whole nodes", why: "it uses the node; which columns is not known or not asked" },
};

export function Toolbar({ graph, state, slot, title, scene }: {
  graph: Graph; state: State; slot: number; title: string; scene: Scene;
}) {
  const whole = !state.column;
  const cut = whole ? 0 : title.lastIndexOf(".") + 1;
  return (
    <header className="toolbar">
      <h1 className="toolbar-title" title={title}>
        <KindIcon kind={whole ? kindOf(graph, graph.owner[slot]!) : "column"} />
        {cut > 0 && <span className="toolbar-of">{title.slice(0, cut)}</span>}<span className="toolbar-name">{title.slice(cut)}</span>
      </h1>
      <div className="toolbar-group">
        <Depth name="Upstream" value={state.up} set={(up) => change(state, { up })} />
        <Depth name="Downstream" value={state.down} set={(down) => change(state, { down })} />
      </div>
      {!whole && (
        <div className="toolbar-group toolbar-edges" role="group" aria-label="Edges">
          {CLASSES.map((name) => (
            <button key={name} type="button" className="edge-switch" aria-pressed={state.classes.has(name)} title={CLASS_WORDS[name].why} onClick={() => change(state, { classes: toggled(state.classes, name) })}>
              <Sample name={name} />{CLASS_WORDS[name].name}
            </button>
          ))}
        </div>
      )}
      <div className="toolbar-group toolbar-end">
        <Filters graph={graph} state={state} />
        <Pictures scene={scene} title={title} focus={whole ? null : slot} />
        <CopyLink />
        {state.shown === null && (
          <button type="button" className="button button-bare" onClick={() => change(state, { shown: "" })} aria-label="Open the panel" title="Open the panel"><Icon name="panel" /></button>
        )}
      </div>
    </header>
  );
}

/** How a line of that class looks. */
export function Sample({ name, unsure = false }: { name: EdgeClass; unsure?: boolean }) {
  return (
    <svg width="26" height="10" viewBox="0 0 26 10" aria-hidden="true" className={`line line-${name} ${unsure ? "line-unsure" : ""}`}>
      <path className="stroke" d="M1 5H19" /><path className="tip" d="M19 1.5L25 5L19 8.5Z" />
    </svg>
  );
}

function Depth({ name, value, set }: { name: string; value: number; set: (depth: number) => void }) {
  const known = DEPTHS.includes(value) ? DEPTHS : [...DEPTHS, value].sort((a, b) => a - b);
  return (
    <label className="depth">
      {name}
      <select value={String(value)} onChange={(event) => set(Number(event.target.value))}>
        {known.map((depth) => <option key={depth} value={String(depth)}>{depth === Infinity ? "all" : depth || "none"}</option>)}
      </select>
    </label>
  );
}

const HIDEABLE = ["source", "ephemeral", "seed", "snapshot", "exposure", "hook", "external", "metric", "semantic_model", "saved_query"];

function Filters({ graph: { nodes }, state }: { graph: Graph; state: State }) {
  const kinds = HIDEABLE.filter((kind) => nodes.kinds.includes(kind) || nodes.materializations.includes(kind));
  const active = state.hidden.size + Number(Boolean(state.tag));
  return (
    <PopoverProvider placement="bottom-end">
      <PopoverDisclosure className="button button-bare">
        <Icon name="filter" />Filter{active > 0 && <span className="badge-quiet">{active}</span>}
      </PopoverDisclosure>
      <Popover className="popover" gutter={6} aria-label="Filter">
        <fieldset>
          <legend>Show</legend>
          {kinds.map((kind) => (
            <label key={kind} className="tick">
              <input type="checkbox" checked={!state.hidden.has(kind)} onChange={() => change(state, { hidden: toggled(state.hidden, kind) })} />
              {kind.replace("_", " ")}{kind === "ephemeral" ? " models" : "s"}
            </label>
          ))}
        </fieldset>
        {nodes.tag_names.length > 0 && (
          <label className="field">
            Only what carries the tag
            <select className="input" value={state.tag} onChange={(event) => change(state, { tag: event.target.value })}>
              <option value="">any or none</option>
              {[...nodes.tag_names].sort().map((tag) => <option key={tag}>{tag}</option>)}
            </select>
          </label>
        )}
        <p className="note">What is hidden is stepped over: what it joins is joined directly.</p>
      </Popover>
    </PopoverProvider>
  );
}
