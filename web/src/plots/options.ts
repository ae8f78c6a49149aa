// A plot as uPlot wants it.

import type uPlot from "uplot";
import { token } from "../ui/theme";
import { times, type Unit } from "./axes";
import { above, below, colour, type Mark, type Tone } from "./marks";

export interface PlotLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly tone: Tone | "ink";
  readonly width?: number;
  readonly dashed?: boolean;
  /** Only its points, with nothing between them. */
  readonly points?: boolean;
  /** Filled down to the line of that name. */
  readonly downTo?: string;
  /** Filled down to zero. */
  readonly filled?: boolean;
  /** Drawn from known to known, over what is not known. */
  readonly bridged?: boolean;
}

export interface Plotted {
  readonly at: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly marks?: readonly Mark[] | undefined;
  readonly unit: Unit;
  /** What the numbers are: `age of its data`. */
  readonly axis: string;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** The axis reaches at least so far, whatever the lines do. */
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

export function options(plotted: Plotted, size: { width: number; height: number }, moved: (plot: uPlot) => void): uPlot.Options {
  const { lines, unit, marks = [] } = plotted;
  return {
    ...size,
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false, setScale: false }, y: false, points: { size: 7 } },
    scales: { x: { time: true, range: () => [start(plotted), end(plotted)] }, y: { range: (_, low, high) => reach(plotted, low, high) } },
    series: [{}, ...lines.map(series)],
    bands: lines.flatMap((line, place) => band(lines, line, place)),
    axes: [timeAxis(), valueAxis(unit)],
    hooks: { drawClear: [(plot) => below(plot, marks)], draw: [(plot) => above(plot, marks)], setCursor: [moved] },
  };
}

/** The moment at the left edge. */
export function start({ from, at }: Plotted): number {
  return from ?? at[0] ?? 0;
}

/** The moment at the right edge. */
export function end(plotted: Plotted): number {
  const { until, at } = plotted;
  const last = until ?? at[at.length - 1] ?? 1;
  return last > start(plotted) ? last : start(plotted) + 1;
}

function reach({ least = 0, most }: Plotted, low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(least, low ?? least);
  const top = Math.max(most ?? 0, high ?? 0);
  const room = (top - bottom) * 0.08 || 1;
  return [bottom < least ? bottom - room : bottom, top + room];
}

function series(line: PlotLine): uPlot.Series {
  const stroke = () => colour(line.tone);
  if (line.points) return { label: line.name, stroke, paths: () => null, points: { show: true, size: 6, stroke, fill: stroke } };
  const shape: uPlot.Series = { label: line.name, stroke, width: line.width ?? 1.5, points: { show: false }, dash: line.dashed ? [5, 5] : [], spanGaps: line.bridged ?? false };
  // Filled with the canvas's own way of thinning a colour: tokens are written in several ways.
  if (line.filled) shape.fill = () => `color-mix(in srgb, ${colour(line.tone)} 12%, transparent)`;
  return shape;
}

function band(lines: readonly PlotLine[], line: PlotLine, place: number): uPlot.Band[] {
  const other = lines.findIndex((one) => one.name === line.downTo);
  if (other < 0) return [];
  return [{ series: [place + 1, other + 1], fill: () => `color-mix(in srgb, ${colour(line.tone)} 22%, transparent)` }];
}

function common(): uPlot.Axis {
  return {
    stroke: () => token("ink-faint"),
    font: `11px ${token("font")}`,
    grid: { stroke: () => token("line"), width: 1 },
    ticks: { show: false },
  };
}

function timeAxis(): uPlot.Axis {
  return { ...common(), size: (_, labels) => (labels?.some((text) => text.includes("\n")) ? 38 : 24), gap: 6, space: 84, grid: { show: false }, values: (_, splits, __, ___, step) => times(splits, step) };
}

function valueAxis(unit: Unit): uPlot.Axis {
  return {
    ...common(),
    gap: 6,
    space: 36,
    size: (plot, values) => {
      if (!values?.length) return 40;
      plot.ctx.font = `${11 * devicePixelRatio}px ${token("font")}`;
      return Math.ceil(Math.max(...values.map((text) => plot.ctx.measureText(text).width)) / devicePixelRatio) + 14;
    },
    incrs: [...unit.steps],
    values: (_, splits) => splits.map((value) => unit.tick(value)),
  };
}
