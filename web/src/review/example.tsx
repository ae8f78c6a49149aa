// Rows on which both versions differ. They are made up: no row of a real database is shown.

import type { Counterexample, Rows } from "../data/types";

export function Example({ example }: { example: Counterexample }) {
  return (
    <div className="example">
      <h3>An example</h3>
      <p className="small faint">The smallest made-up input on which both versions differ.</p>
      {example.inputs.map((rows) => <Sheet key={rows.name} rows={rows} title={`Input: ${rows.name}`} />)}
      <Sheet rows={example.base} title="Base gives" other={example.head} />
      <Sheet rows={example.head} title="Head gives" other={example.base} />
    </div>
  );
}

function Sheet({ rows, title, other }: { rows: Rows; title: string; other?: Rows }) {
  return (
    <div className="sheet" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead><tr>{rows.columns.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>
          {rows.rows.map((row, place) => (
            <tr key={place}>
              {row.map((value, column) => (
                <td key={column} className={other && differs(other, rows.columns[column]!, place, value) ? "differs" : ""}>
                  {value === null ? <em className="faint">null</em> : value}
                </td>
              ))}
            </tr>
          ))}
          {!rows.rows.length && <tr><td colSpan={Math.max(1, rows.columns.length)} className="faint">no row</td></tr>}
        </tbody>
      </table>
    </div>
  );
}

/** True if the other version has another value there, or no such row or column. */
function differs(other: Rows, name: string, place: number, value: string | null): boolean {
  const column = other.columns.indexOf(name);
  const row = other.rows[place];
  return column < 0 || !row || row[column] !== value;
}
