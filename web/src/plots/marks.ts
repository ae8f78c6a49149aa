// What is drawn on a plot besides its lines: spans of time, moments, levels, ticks.

import type uPlot from "uplot";
import { token } from "../ui/theme";

export type Tone = "good" | "warn" | "bad" | "info" | "quiet" | "accent" | "change";

export type Mark =
  | { readonly kind: "span"; readonly from: number; readonly until: number; readonly tone: Tone; readonly hatched?: boolean }
  | { readonly kind: "moment"; readonly at: number; readonly tone: Tone; readonly text?: string; readonly dashed?: boolean }
  | { readonly kind: "level"; readonly value: number; readonly tone: Tone; readonly text?: string }
  | { readonly kind: "tick"; readonly at: number; readonly tone: Tone; readonly cross?: boolean };

/** Colours are read when it is drawn, so that they are those of the present theme. */
export const colour = (tone: Tone | "ink"): string => token(tone === "change" ? "edge-control" : tone);

/** Behind the lines. */
export function below(plot: uPlot, marks: readonly Mark[]): void {
  inside(plot, (pen) => marks.forEach((mark) => mark.kind === "span" && span(plot, pen, mark)));
}

/** In front of the lines. */
export function above(plot: uPlot, marks: readonly Mark[]): void {
  inside(plot, (pen) => {
    const named = marks.filter((mark) => mark.kind === "moment");
    for (const mark of marks) {
      if (mark.kind === "level") level(plot, pen, mark.value, mark.tone, mark.text);
      if (mark.kind === "tick") tick(plot, pen, mark.at, mark.tone, mark.cross ?? false);
    }
    let edge = -Infinity;
    for (const mark of named.sort((a, b) => a.at - b.at)) edge = moment(plot, pen, mark, edge);
  });
}

function inside(plot: uPlot, draw: (pen: CanvasRenderingContext2D) => void): void {
  const { left, top, width, height } = plot.bbox;
  const pen = plot.ctx;
  pen.save();
  pen.beginPath();
  pen.rect(left, top, width, height);
  pen.clip();
  draw(pen);
  pen.restore();
}

const ratio = (): number => devicePixelRatio || 1;

function span(plot: uPlot, pen: CanvasRenderingContext2D, mark: Extract<Mark, { kind: "span" }>): void {
  const { top, height } = plot.bbox;
  const x = plot.valToPos(mark.from, "x", true);
  const width = Math.max(plot.valToPos(mark.until, "x", true) - x, 1.5 * ratio());
  pen.save();
  if (mark.hatched) hatch(pen, x, top, width, height, colour(mark.tone));
  else {
    pen.globalAlpha = 0.13;
    pen.fillStyle = colour(mark.tone);
    pen.fillRect(x, top, width, height);
  }
  pen.restore();
}

function hatch(pen: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, stroke: string): void {
  const step = 7 * ratio();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.globalAlpha = 0.4;
  pen.strokeStyle = stroke;
  pen.lineWidth = ratio();
  pen.beginPath();
  for (let start = x - height; start < x + width; start += step) {
    pen.moveTo(start, y + height);
    pen.lineTo(start + height, y);
  }
  pen.stroke();
}

function level(plot: uPlot, pen: CanvasRenderingContext2D, value: number, tone: Tone, text?: string): void {
  const { left, width } = plot.bbox;
  const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
  pen.strokeStyle = pen.fillStyle = colour(tone);
  pen.lineWidth = 1.5 * ratio();
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(left, y);
  pen.lineTo(left + width, y);
  pen.stroke();
  if (text) write(pen, text, left + 6 * ratio(), y - 5 * ratio());
}

/** Draws it; its text only where the one before leaves room. Returns where its text ends. */
function moment(plot: uPlot, pen: CanvasRenderingContext2D, mark: Extract<Mark, { kind: "moment" }>, edge: number): number {
  const { left, top, width, height } = plot.bbox;
  const x = Math.round(plot.valToPos(mark.at, "x", true)) + 0.5;
  if (x < left - 1 || x > left + width + 1) return edge;
  pen.strokeStyle = pen.fillStyle = colour(mark.tone);
  pen.lineWidth = ratio();
  pen.setLineDash(mark.dashed ? [4 * ratio(), 4 * ratio()] : []);
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x, top + height);
  pen.stroke();
  pen.setLineDash([]);
  if (!mark.text) return edge;
  font(pen);
  const wide = pen.measureText(mark.text).width;
  const start = x + wide + 8 * ratio() > left + width ? x - wide - 5 * ratio() : x + 5 * ratio();
  if (start < edge) return edge;
  write(pen, mark.text, start, top + 11 * ratio());
  return start + wide + 6 * ratio();
}

function tick(plot: uPlot, pen: CanvasRenderingContext2D, at: number, tone: Tone, cross: boolean): void {
  const { top, height } = plot.bbox;
  const x = Math.round(plot.valToPos(at, "x", true)) + 0.5;
  const foot = top + height;
  const size = (cross ? 4 : 7) * ratio();
  pen.strokeStyle = colour(tone);
  pen.lineWidth = (cross ? 1.8 : 1) * ratio();
  pen.beginPath();
  if (cross) {
    const y = foot - size - 3 * ratio();
    pen.moveTo(x - size, y - size); pen.lineTo(x + size, y + size);
    pen.moveTo(x + size, y - size); pen.lineTo(x - size, y + size);
  } else {
    pen.moveTo(x, foot); pen.lineTo(x, foot - size);
  }
  pen.stroke();
}

function font(pen: CanvasRenderingContext2D): void {
  pen.font = `500 ${11 * ratio()}px ${token("font")}`;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
}

/** On a ground of its own, so that lines under it leave it readable. */
function write(pen: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  font(pen);
  const ink = pen.fillStyle;
  const pad = 2 * ratio();
  pen.globalAlpha = 0.85;
  pen.fillStyle = token("paper");
  pen.fillRect(x - pad, y - 10 * ratio(), pen.measureText(text).width + 2 * pad, 13 * ratio());
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
  pen.fillText(text, x, y);
}
