// The line of an edge, as the d of an SVG path: along its points, level where it passes a box.

import { type Point, WIDTH } from "./layout";

const TIP = 6;

export interface Curve {
  readonly line: string;
  /** Where a mark of doubt stands. */
  readonly middle: Point;
  readonly start: Point;
  readonly end: Point;
}

export function curveOf(from: Point, to: Point, way: readonly Point[] = []): Curve {
  const end = { x: to.x - TIP, y: to.y };
  const forward = to.x > from.x;
  const stops: Point[] = [from];
  if (forward) for (const { x, y } of way) stops.push({ x: x - WIDTH / 2, y }, { x: x + WIDTH / 2, y });
  stops.push(end);
  const parts = [`M${say(from)}`];
  for (let place = 1; place < stops.length; place++) {
    const [a, b] = [stops[place - 1]!, stops[place]!];
    parts.push(a.y === b.y && b.x > a.x ? `L${say(b)}` : bend(a, b));
  }
  const first = stops[1]!;
  return { line: parts.join(""), middle: { x: (from.x + first.x) / 2, y: (from.y + first.y) / 2 }, start: from, end: to };
}

/** Leaves and arrives level; a line that goes back makes a wide turn. */
function bend(a: Point, b: Point): string {
  const reach = b.x > a.x ? (b.x - a.x) / 2 : Math.min(240, (a.x - b.x) / 2 + 60);
  return `C${say({ x: a.x + reach, y: a.y })} ${say({ x: b.x - reach, y: b.y })} ${say(b)}`;
}

export function tipAt({ x, y }: Point): string {
  return `M${say({ x: x - TIP - 1, y: y - 3.5 })}L${say({ x: x - 1, y })}L${say({ x: x - TIP - 1, y: y + 3.5 })}Z`;
}

function say({ x, y }: Point): string {
  return `${Math.round(x * 2) / 2} ${Math.round(y * 2) / 2}`;
}
