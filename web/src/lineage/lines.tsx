// The lines between columns, in one drawing under the boxes; what is lit is drawn over them. Each is
// a path of its own: a browser draws those in view alone.

import { memo } from "react";
import { ViewportPortal } from "@xyflow/react";
import { CLASSES } from "../data/graph";
import { tipAt } from "./curve";
import { useWay } from "./lit";
import { boundsOf, type Scene, type SceneLine } from "./scene";

export function Lines({ scene }: { scene: Scene }) {
  const { from, to } = boundsOf(scene.boxes);
  const box = { x: from.x - 300, y: from.y - 300, width: to.x - from.x + 600, height: to.y - from.y + 600 };
  return (
    <ViewportPortal>
      <svg
        className="wires" aria-hidden="true" width={box.width} height={box.height}
        viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`} style={{ left: box.x, top: box.y }}
      >
        <All scene={scene} />
        <LitLines />
      </svg>
    </ViewportPortal>
  );
}

/** A browser takes half a minute to dash a thousand long lines: more than this are drawn whole. */
const DASHED = 200_000;

function isMuch(lines: readonly SceneLine[]): boolean {
  const length = lines.reduce((sum, { start, end }) => sum + Math.abs(end.x - start.x) + Math.abs(end.y - start.y), 0);
  return length > DASHED;
}

const All = memo(function All({ scene }: { scene: Scene }) {
  return <g className={`wires-all ${isMuch(scene.lines) ? "wires-many" : ""}`}><Drawn lines={scene.lines} /></g>;
});

function LitLines() {
  const way = useWay();
  return way && <g className={`wires-lit ${isMuch(way.lines) ? "wires-many" : ""}`}><Drawn lines={way.lines} /></g>;
}

/** Lines of one look each: by class, and by whether they are sure. */
export function looksOf(lines: readonly SceneLine[]): { look: string; unsure: boolean; lines: SceneLine[] }[] {
  return CLASSES.flatMap((name) => [false, true].map((unsure) => ({
    look: `line line-${name}${unsure ? " line-unsure" : ""}`,
    unsure,
    lines: lines.filter((line) => line.class === name && line.unsure === unsure && !line.inner),
  }))).filter((one) => one.lines.length).reverse();
}

function Drawn({ lines }: { lines: readonly SceneLine[] }) {
  return looksOf(lines).map(({ look, unsure, lines: alike }) => (
    <g key={look} className={look}>
      {alike.map(({ line }, place) => <path key={place} className="stroke" d={line} />)}
      <path className="tip" d={alike.map(({ end }) => tipAt(end)).join("")} />
      {unsure && alike.map(({ middle }, place) => (
        <g key={place} transform={`translate(${middle.x} ${middle.y})`}>
          <circle r="6.5" className="doubt" />
          <text className="doubt-text" textAnchor="middle" dy="3.5">?</text>
        </g>
      ))}
    </g>
  ));
}
