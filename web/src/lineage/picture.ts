// The graph as a picture that stands alone: an SVG with text, rectangles and paths, in the colours
// of the present theme. It is built as a document, so that names are text whatever they hold.

import { token } from "../ui/theme";
import { kindPath } from "./kind";
import { tipAt } from "./curve";
import { FILTER, HEADER, PAD, ROW, WIDTH } from "./layout";
import { middled } from "./names";
import { looksOf } from "./lines";
import { boundsOf, type Scene, type SceneBox } from "./scene";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 32;
const FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";
/** Browsers draw no canvas of more. */
const PIXELS = 16000;

const LINES: Record<string, { colour: string; dash: string }> = {
  "line-value": { colour: "edge-value", dash: "" },
  "line-control": { colour: "edge-control", dash: "6 4" },
  "line-rows": { colour: "edge-rows", dash: "1.5 4" },
  "line-depends": { colour: "ink-faint", dash: "" },
};

/** What a change does, as the screen shows it. */
const MARKS: Record<string, string> = { broken: "bad", removed: "bad", changed: "warn", added: "info", "proven equal": "good", unknown: "quiet" };

/** The graph; `focus` is the slot that it is about. */
export function pictureOf(scene: Scene, focus: number | null): string {
  const { from, to } = boundsOf(scene.boxes);
  const [width, height] = [to.x - from.x + 2 * MARGIN, to.y - from.y + 2 * MARGIN];
  const root = element("svg", { xmlns: SVG, width, height, viewBox: `${from.x - MARGIN} ${from.y - MARGIN} ${width} ${height}`, "font-family": FONT });
  root.append(element("rect", { x: from.x - MARGIN, y: from.y - MARGIN, width, height, fill: token("ground") }));
  for (const { look, unsure, lines } of looksOf(scene.lines)) {
    const { colour, dash } = LINES[look.split(" ")[1]!]!;
    const group = element("g", { stroke: token(colour), "stroke-width": 1.4, fill: "none", opacity: unsure ? 0.6 : 1 });
    group.append(element("path", { d: lines.map(({ line }) => line).join(""), "stroke-dasharray": dash, "stroke-linecap": "round" }));
    group.append(element("path", { d: lines.map(({ end }) => tipAt(end)).join(""), fill: token(unsure ? "ground" : colour) }));
    if (unsure) for (const { middle } of lines) group.append(text("?", middle.x, middle.y + 4, { fill: token(colour), stroke: "none", "font-size": 11, "text-anchor": "middle" }));
    root.append(group);
  }
  for (const box of scene.boxes) root.append(boxPicture(box, focus));
  return new XMLSerializer().serializeToString(root);
}

function boxPicture(box: SceneBox, focus: number | null): SVGElement {
  const group = element("g", { transform: `translate(${box.x} ${box.y})` });
  const tone = box.mark ? MARKS[box.mark.word] : undefined;
  group.append(
    element("rect", { width: WIDTH, height: box.height, rx: 8, fill: token("paper"), stroke: token(tone ?? "line-strong"), "stroke-dasharray": box.mark?.reached ? "4 3" : "" }),
    element("path", { d: kindPath(box.kind), transform: "translate(12 15) scale(0.67)", fill: "none", stroke: token("ink-faint"), "stroke-width": 2 }),
    text(middled(box.label, 25), 38, 20, { "font-size": 13, "font-weight": 600, fill: token("ink") }),
    text(middled(box.mark?.word ?? box.about, 34), 38, 35, { "font-size": 11, fill: token("ink-faint") }),
  );
  const top = HEADER + (box.filter === null ? 0 : FILTER);
  if (box.rows.length) group.append(element("path", { d: `M0 ${HEADER}H${WIDTH}`, stroke: token("line") }));
  box.rows.forEach((row, place) => {
    const y = top + PAD + place * ROW + ROW / 2 + 4;
    const fill = row.slot === focus ? "accent" : row.mark && !row.mark.reached ? `${MARKS[row.mark.word] ?? "quiet"}-soft` : "";
    if (fill) group.append(element("rect", { x: 1, y: y - 16, width: WIDTH - 2, height: ROW, fill: token(fill) }));
    group.append(text(middled(row.name, row.mark ? 24 : 33), 14, y, { "font-size": 12, fill: token(row.slot === focus ? "paper" : "ink-soft"), "font-style": row.rows ? "italic" : "normal" }));
    const said = row.mark?.word ?? row.declared[0] ?? row.arrived[0];
    if (said) group.append(text(middled(said, 12), WIDTH - 12, y, { "font-size": 10, fill: token("ink-faint"), "text-anchor": "end" }));
  });
  if (box.left > 0) group.append(text(`${box.left} more`, 14, box.height - 10, { "font-size": 11, fill: token("ink-faint") }));
  return group;
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== "" && key !== "xmlns") made.setAttribute(key, String(value));
  return made;
}

// What XML cannot hold, no viewer would show.
const UNFIT = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function text(words: string, x: number, y: number, attributes: Record<string, string | number>): SVGElement {
  const made = element("text", { x, y, ...attributes });
  made.textContent = words.replace(UNFIT, "\ufffd");
  return made;
}

/** Drawn on a canvas twice as fine, as far as a browser bears it. */
export async function toPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(2, PIXELS / image.width, PIXELS / image.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(image.width * scale);
  canvas.height = Math.ceil(image.height * scale);
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large."))), "image/png"));
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
