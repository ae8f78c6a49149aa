// A node as a box: its head, the columns that matter here, and how to see the others.

import { memo, useContext } from "react";
import { STATUSES } from "../data/graph";
import { counted } from "../data/words";
import { Icon } from "../ui/icons";
import { useActs } from "./acts";
import { KindIcon } from "./kind";
import { LitContext, useIsLit } from "./lit";
import { middled } from "./names";
import { hasFoot, type Mark, type SceneBox, type SceneRow } from "./scene";

export const Box = memo(function Box({ data }: { data: { box: SceneBox; entry: boolean } }) {
  const { box, entry } = data;
  const acts = useActs();
  return (
    <div className={`box ${acts.center === box.id ? "center" : ""} ${didClass(box.mark)}`}>
      <Head box={box} entry={entry} />
      {box.filter !== null && (
        <div className="box-filter">
          <input
            className="input nodrag nopan" value={box.filter} placeholder={`Filter ${box.columns} columns`} aria-label={`Filter the columns of ${box.label}`}
            onChange={(event) => acts.filter(box, event.target.value)}
          />
        </div>
      )}
      {box.rows.length > 0 && (
        <ul className="box-rows">
          {box.rows.map((row) => <Row key={row.slot} row={row} box={box} />)}
        </ul>
      )}
      {hasFoot(box.columns, box.left, box.open) && (
        <button type="button" className="box-foot nopan" tabIndex={-1} data-foot={box.node} onClick={() => acts.toggle(box)} aria-expanded={box.open}>
          {box.open ? (box.left > 0 ? `Fewer columns (${box.left} not shown)` : "Fewer columns") : counted(box.left, box.rows.length ? "more column" : "column")}
          <span className={box.open ? "turned" : ""}><Icon name="down" size={12} /></span>
        </button>
      )}
    </div>
  );
});

/** The tab key comes to one box of the graph, `entry`; arrows lead on from there. */
function Head({ box, entry }: { box: SceneBox; entry: boolean }) {
  const acts = useActs();
  const lit = useContext(LitContext)!;
  const isEntry = entry && !box.rows.some(({ slot }) => slot === acts.focus);
  const status = STATUSES[box.status]!;
  return (
    <button
      type="button" className="box-head nopan" data-head={box.node} tabIndex={isEntry ? 0 : -1}
      onClick={() => acts.pickBox(box)} onMouseEnter={() => lit.box(box)} onMouseLeave={() => lit.none()} onFocus={() => lit.box(box)} onBlur={() => lit.none()}
      title={`${box.label}\n${box.about}\nlineage: ${status}`} aria-label={`${box.kind} ${box.label}${box.mark ? `, ${box.mark.word}` : ""}`}
    >
      <KindIcon kind={box.kind} />
      <span className="box-name">
        <span className="box-label">{middled(box.label, 26)}</span>
        <span className="box-about">{box.about}</span>
      </span>
      {box.mark ? (
        <span className="box-word">{box.mark.word}</span>
      ) : (
        box.status < 3 && box.status > 0 && <span className={`box-status box-status-${status}`}>{status}</span>
      )}
    </button>
  );
}

function Row({ row, box }: { row: SceneRow; box: SceneBox }) {
  const acts = useActs();
  const lit = useContext(LitContext)!;
  const isLit = useIsLit(row.slot);
  const isFocus = acts.focus === row.slot;
  return (
    <li className={`box-row ${isLit ? "lit" : ""} ${isFocus ? "focus" : ""} ${acts.shown === row.slot ? "shown" : ""} ${didClass(row.mark)}`}>
      <button
        type="button" className="box-column nopan" data-slot={row.slot} tabIndex={isFocus ? 0 : -1} title={row.name}
        onClick={() => acts.pickColumn(row.slot, box)} onMouseEnter={() => lit.column(row.slot)} onMouseLeave={() => lit.none()}
        onFocus={() => lit.column(row.slot)} onBlur={() => lit.none()}
        aria-label={`${row.rows ? "rows" : row.name} of ${box.label}${row.mark ? `, ${row.mark.word}` : ""}`}
        aria-current={isFocus || undefined}
      >
        <span className={row.rows ? "name rows" : "name"}>{middled(row.name, 31)}</span>
        <Chips row={row} />
        {row.mark && <span className="row-word">{row.mark.word}</span>}
      </button>
      {acts.show && (
        <button type="button" className="box-show nopan" tabIndex={-1} onClick={() => acts.show!(row.slot)} aria-label={`Show ${row.name} in the panel`} title="Show in the panel">
          <Icon name="panel" size={13} />
        </button>
      )}
    </li>
  );
}

/** Two tags, and how many more: the name comes first. */
function Chips({ row: { declared, arrived } }: { row: SceneRow }) {
  const all = [...declared.map((tag) => ({ tag, here: true })), ...arrived.map((tag) => ({ tag, here: false }))];
  return (
    <>
      {all.slice(0, 2).map(({ tag, here }) => (
        <span key={`${here} ${tag}`} className={here ? "chip" : "chip chip-arrived"} title={here ? tag : `${tag} arrived here`}>{tag}</span>
      ))}
      {all.length > 2 && <span className="chip" title={all.slice(2).map(({ tag }) => tag).join(", ")}>+{all.length - 2}</span>}
    </>
  );
}

function didClass(mark: Mark | undefined): string {
  return mark ? `did did-${mark.word.replace(" ", "-")} ${mark.reached ? "did-reached" : ""}` : "";
}
