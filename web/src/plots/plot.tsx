// A plot over time. What it shows is said in a sentence and stands in a table, for those who do not
// see it or want its numbers.

import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { dateTime, zone } from "../data/words";
import { type Column, Table } from "../ui/table";
import { useTheme } from "../ui/theme";
import { end, options, type Plotted, start } from "./options";

export interface PlotProps extends Plotted {
  /** What there is to see, in a sentence. */
  readonly says: string;
  readonly height?: number;
  /** More about a moment, said beside the cursor. */
  readonly about?: (place: number) => readonly string[];
  readonly legend?: ReactNode;
}

interface Pointed {
  readonly place: number;
  readonly left: number;
  readonly right: boolean;
}

export function Plot(given: PlotProps) {
  const [asTable, setAsTable] = useState(false);
  const [last, setLast] = useState(0);
  const [from, until] = [start(given), end(given)];
  const props = last ? { ...given, from: Math.max(from, until - last), until } : given;
  return (
    <figure className="plot">
      <div className="plot-head">
        <Legend {...props} />
        {!asTable && <Spans span={until - from} last={last} setLast={setLast} />}
        <button type="button" className="plot-switch" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Show as plot" : "Show as table"}
        </button>
      </div>
      {asTable ? <Values {...props} /> : <Canvas {...props} />}
      <figcaption className="plot-foot">{props.axis} · times in {zone}</figcaption>
    </figure>
  );
}

const DAY = 86400;
const SPANS: readonly [number, string][] = [[28 * DAY, "28 d"], [7 * DAY, "7 d"], [DAY, "1 d"]];

/** The end of it from nearer, where there is much. */
function Spans({ span, last, setLast }: { span: number; last: number; setLast: (seconds: number) => void }) {
  const shorter = SPANS.filter(([seconds]) => seconds * 1.5 < span);
  if (!shorter.length) return null;
  return (
    <span className="spans" role="group" aria-label="Shown">
      {([[0, "all"], ...shorter] as const).map(([seconds, name]) => (
        <button key={name} type="button" aria-pressed={last === seconds} onClick={() => setLast(seconds)}>{name}</button>
      ))}
    </span>
  );
}

function Legend({ lines, legend }: PlotProps) {
  return (
    <ul className="legend" aria-hidden="true">
      {lines.map((line) => (
        <li key={line.name}>
          <span className={`key key-${line.tone} ${line.points ? "key-dot" : line.dashed ? "key-dash" : line.downTo ? "key-area" : ""}`} />
          {line.name}
        </li>
      ))}
      {legend}
    </ul>
  );
}

/** What a mark of a plot means. */
export function Key({ shape, tone, children }: { shape: "line" | "dot" | "dash" | "area" | "hatch" | "cross" | "tick"; tone: string; children: ReactNode }) {
  return <li><span className={`key key-${tone} key-${shape}`} />{children}</li>;
}

function Canvas(props: PlotProps) {
  const { says, height = 240 } = props;
  const box = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const theme = useTheme();

  useLayoutEffect(() => {
    const place = box.current!;
    const moved = (plot: uPlot) => setPointed(pointedAt(plot));
    const data: uPlot.AlignedData = [[...props.at], ...props.lines.map((line) => [...line.values])];
    const plot = new uPlot(options(props, { width: place.clientWidth || 600, height }, moved), data, place);
    const watch = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height }));
    watch.observe(place);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
    // Lines and marks are made anew with the data alone: views keep them with useMemo.
  }, [props.at, props.lines, props.marks, props.from, props.until, props.unit, height, theme]);

  return (
    <div className="plot-box">
      <div ref={box} role="img" aria-label={says} style={{ minHeight: height }} />
      {pointed && <Pointer {...props} pointed={pointed} />}
    </div>
  );
}

function pointedAt(plot: uPlot): Pointed | null {
  const { idx, left = -1 } = plot.cursor;
  if (idx === null || idx === undefined || left < 0) return null;
  const inPlot = plot.bbox.left / devicePixelRatio;
  return { place: idx, left: left + inPlot, right: left > plot.over.clientWidth / 2 };
}

function Pointer({ at, lines, unit, about, pointed }: PlotProps & { pointed: Pointed }) {
  const { place, left, right } = pointed;
  const style = right ? { right: `calc(100% - ${left - 12}px)` } : { left: left + 12 };
  return (
    <div className="plot-pointer" style={style} aria-hidden="true">
      <strong>{dateTime(at[place])}</strong>
      {lines.map((line) => {
        const value = line.values[place];
        if (value === null || value === undefined) return null;
        return (
          <div key={line.name} className="plot-value">
            <span className={`key key-${line.tone} ${line.points ? "key-dot" : ""}`} />
            <span>{line.name}</span>
            <span className="push">{unit.format(value)}</span>
          </div>
        );
      })}
      {about?.(place).map((text) => <div key={text} className="plot-about">{text}</div>)}
    </div>
  );
}

function Values({ at, lines, unit, about, says }: PlotProps) {
  const columns = useMemo((): Column<number>[] => [
    { name: "Time", cell: (place) => dateTime(at[place]), by: (place) => at[place] },
    ...lines.map((line): Column<number> => ({
      name: line.name,
      number: true,
      cell: (place) => { const value = line.values[place]; return value === null || value === undefined ? "–" : unit.format(value); },
      by: (place) => line.values[place],
    })),
    ...(about ? [{ name: "What happened", cell: (place: number) => about(place).join("; ") }] : []),
  ], [at, lines, unit, about]);
  return <div className="plot-table"><Table rows={at.map((_, place) => place)} columns={columns} keyOf={String} caption={says} start="-Time" /></div>;
}
