// Plots of the size of a word.

import { percent } from "../data/words";

/** How a share went, with the line of zero where it went below. The numbers stand beside it. */
export function Spark({ values, tone, label }: { values: readonly number[]; tone: string; label: string }) {
  if (values.length < 2) return null;
  const low = Math.min(0, ...values);
  const high = Math.max(1, ...values);
  const y = (value: number) => 23 - ((value - low) / (high - low)) * 22;
  const points = values.map((value, place) => `${((place / (values.length - 1)) * 96 + 2).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return (
    <svg className="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label={label}>
      {low < 0 && <line className="spark-zero" x1="0" x2="100" y1={y(0)} y2={y(0)} />}
      <polyline className={`spark-line tone-${tone}`} points={points} />
    </svg>
  );
}

/** What is left of a budget, from 0 to all of it. Less than nothing is an empty bar, in red. */
export function Left({ left, tone }: { left: number | null; tone: string }) {
  const share = Math.min(1, Math.max(0, left ?? 0));
  return (
    <svg className={left !== null && left < 0 ? "left left-over" : "left"} viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={left === null ? "No budget known" : `${percent(left, 0)} of the budget left`}>
      <rect className={`fill-${tone}`} width={share * 100} height="4" />
    </svg>
  );
}

export interface Cell {
  readonly key: string;
  readonly tone: string;
  readonly height: number;
  readonly title: string;
}

/** Runs beside each other, the oldest first: each a bar as high as it was long. */
export function Strip({ cells, label }: { cells: readonly Cell[]; label: string }) {
  const step = 9;
  return (
    <svg className="strip" width={cells.length * step} height="28" role="img" aria-label={label}>
      {cells.map((cell, place) => {
        const high = Math.max(4, cell.height * 28);
        return (
          <rect key={cell.key} className={`fill-${cell.tone}`} x={place * step} y={28 - high} width="7" height={high} rx="1.5">
            <title>{cell.title}</title>
          </rect>
        );
      })}
    </svg>
  );
}
