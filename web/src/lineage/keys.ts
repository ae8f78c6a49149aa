// Arrow keys on the graph: along lines to the left and right, up and down within a box and then to
// the next one above or below.

import { WIDTH } from "./layout";
import type { Scene, SceneBox, SceneLine } from "./scene";

/** Something on the graph that can have the focus: the head of a box, or one of its rows. */
export interface Spot {
  readonly box: SceneBox;
  /** Null for the head. */
  readonly slot: number | null;
}

export function spotOf(scene: Scene, element: Element): Spot | null {
  const head = element.getAttribute("data-head") ?? element.getAttribute("data-foot");
  const slot = element.getAttribute("data-slot");
  const number = slot === null ? null : Number(slot);
  const node = number === null ? Number(head) : scene.owner(number);
  const box = scene.boxes.find((one) => one.node === node);
  return box && (head !== null || number !== null) ? { box, slot: number } : null;
}

export function next(scene: Scene, at: Spot, key: string): Spot | null {
  if (key === "ArrowLeft" || key === "ArrowRight") return along(scene, at, key === "ArrowRight");
  if (key === "ArrowUp" || key === "ArrowDown") return within(scene, at, key === "ArrowDown" ? 1 : -1);
  return null;
}

function along(scene: Scene, at: Spot, right: boolean): Spot | null {
  const end = right ? "to" : "from";
  const start = right ? "from" : "to";
  const ways = right ? scene.after : scene.before;
  const own = at.slot === null ? [] : (ways.get(at.slot) ?? []).filter(({ inner }) => !inner);
  const lines = own.length ? own : scene.lines.filter(({ link, inner }) => !inner && scene.owner(link[start]) === at.box.node);
  const far = ({ start, end: { x, y } }: SceneLine) => Math.abs(x - start.x) + Math.abs(y - start.y);
  const slot = [...lines].sort((a, b) => far(a) - far(b))[0]?.link[end];
  if (slot === undefined) return null;
  const box = scene.boxes.find(({ node }) => node === scene.owner(slot));
  if (!box) return null;
  const stands = at.slot !== null && box.rows.some((row) => row.slot === slot);
  return { box, slot: stands ? slot : null };
}

function within(scene: Scene, at: Spot, step: 1 | -1): Spot | null {
  const spots: (number | null)[] = [null, ...at.box.rows.map(({ slot }) => slot)];
  const place = spots.indexOf(at.slot) + step;
  if (place >= 0 && place < spots.length) return { box: at.box, slot: spots[place]! };
  const column = scene.boxes
    .filter(({ x }) => Math.abs(x - at.box.x) < WIDTH / 2)
    .sort((a, b) => a.y - b.y);
  const box = column[column.findIndex(({ node }) => node === at.box.node) + step];
  return box ? { box, slot: step > 0 ? null : (box.rows.at(-1)?.slot ?? null) } : null;
}
