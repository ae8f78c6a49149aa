// What is lit: the whole way through the column that the pointer or the keyboard is on. It changes
// with every movement, so it is kept outside of React's state, and only what changes is drawn anew.

import { createContext, useContext, useSyncExternalStore } from "react";
import type { Scene, SceneBox, SceneLine } from "./scene";

export interface Way {
  readonly slots: ReadonlySet<number>;
  readonly lines: readonly SceneLine[];
}

export class Lit {
  way: Way | null = null;
  private readonly scene: Scene;
  private readonly listeners = new Set<() => void>();

  constructor(scene: Scene) {
    this.scene = scene;
  }

  column(slot: number): void {
    this.set(wayOf(this.scene, [slot]));
  }

  box(box: SceneBox): void {
    // Its rows, and what stands for the whole of it.
    const slots = new Set(box.rows.map(({ slot }) => slot));
    for (const line of this.scene.lines) {
      if (this.scene.owner(line.link.from) === box.node) slots.add(line.link.from);
      if (this.scene.owner(line.link.to) === box.node) slots.add(line.link.to);
    }
    this.set(wayOf(this.scene, [...slots]));
  }

  none(): void {
    if (this.way) this.set(null);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(way: Way | null): void {
    this.way = way;
    this.listeners.forEach((listener) => listener());
  }
}

/** Everything that leads to some slots, and everything that they lead to. */
export function wayOf(scene: Scene, starts: readonly number[]): Way {
  const slots = new Set(starts);
  const lines = new Set<SceneLine>();
  for (const [ways, end] of [[scene.before, "from"], [scene.after, "to"]] as const) {
    const seen = new Set(starts);
    const left = [...starts];
    for (let slot = left.pop(); slot !== undefined; slot = left.pop()) {
      for (const line of ways.get(slot) ?? []) {
        lines.add(line);
        const next = line.link[end];
        if (seen.has(next)) continue;
        seen.add(next);
        slots.add(next);
        left.push(next);
      }
    }
  }
  return { slots, lines: [...lines] };
}

export const LitContext = createContext<Lit | null>(null);

/** True while the slot is on the way that is lit. */
export function useIsLit(slot: number): boolean {
  const lit = useContext(LitContext)!;
  return useSyncExternalStore(lit.subscribe, () => lit.way?.slots.has(slot) ?? false);
}

export function useWay(): Way | null {
  const lit = useContext(LitContext)!;
  return useSyncExternalStore(lit.subscribe, () => lit.way);
}
