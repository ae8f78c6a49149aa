// A table that is sorted by its headings.

import { type ReactNode, useMemo, useState } from "react";

export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => ReactNode;
  /** What it is sorted by; without it, it cannot be. */
  readonly by?: (row: T) => string | number | null | undefined;
  readonly number?: boolean;
  readonly grow?: boolean;
}

const STEP = 100;

/** Rows are shown a hundred at a time: what is further down is found by sorting or filtering. */
export function Table<T>({ rows, columns, keyOf, caption, start, empty = "Nothing here." }: {
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (row: T, place: number) => string;
  /** Says what the table is, to those who hear it. */
  caption: string;
  /** Name of the column that it is sorted by at first; with a minus, backwards. */
  start?: string;
  empty?: ReactNode;
}) {
  const [sorted, setSorted] = useState(start ?? "");
  const [shown, setShown] = useState(STEP);
  const down = sorted.startsWith("-");
  const name = down ? sorted.slice(1) : sorted;
  const by = columns.find((column) => column.name === name)?.by;
  const ordered = useMemo(() => (by ? [...rows].sort((a, b) => compare(by(a), by(b), down)) : rows), [rows, by, down]);
  if (!rows.length) return <p className="empty">{empty}</p>;
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={`${column.number ? "number" : ""} ${column.grow ? "grow" : ""}`}
                aria-sort={column.by ? (column.name === name ? (down ? "descending" : "ascending") : "none") : undefined}
              >
                {column.by ? (
                  <button type="button" onClick={() => setSorted(column.name === name && !down ? `-${name}` : column.name)}>
                    {column.name}
                    <span aria-hidden="true" className="arrow">{column.name === name ? (down ? "↓" : "↑") : ""}</span>
                  </button>
                ) : (
                  column.name
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.slice(0, shown).map((row, place) => (
            <tr key={keyOf(row, place)}>
              {columns.map((column) => (
                <td key={column.name} className={`${column.number ? "number" : ""} ${column.grow ? "grow" : ""}`}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {ordered.length > shown && (
        <button type="button" className="more" onClick={() => setShown(shown + STEP)}>
          Show more ({(ordered.length - shown).toLocaleString()} left)
        </button>
      )}
    </div>
  );
}

function compare(a: string | number | null | undefined, b: string | number | null | undefined, down: boolean): number {
  // What is not known comes last, whichever way.
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  return down ? -order : order;
}
