// What is searched, and how. Names of nodes are few and found at once; names of columns are many:
// what is searched in is built when the first search asks for it.

import uFuzzy from "@leeoniya/ufuzzy";
import { kindOf, type Names } from "../data/graph";
import { href } from "../route";

export interface Entry {
  /** Kind of node, `column`, `metric` or `objective`. */
  readonly kind: string;
  readonly label: string;
  /** Folder, owner: whatever tells those of the same name apart. */
  readonly about: string;
  readonly to: string;
  /** Where the label matches: from, to, from, to, ... */
  readonly ranges: readonly number[];
}

/** Things of one sort that can be searched. */
export interface Shelf {
  readonly title: string;
  readonly texts: () => string[];
  readonly entry: (place: number, ranges: readonly number[]) => Entry;
  readonly most: number;
  /** True if there are so many that they are searched when there is time. */
  readonly many: boolean;
}

// Letters may be left out within a word, and words may stand in any order.
const fuzzy = new uFuzzy({ intraMode: 0, intraIns: 1, interIns: Infinity });
/** Above so many hits, ranking takes longer than anybody waits: the first that begin well win. */
const RANKED = 1500;

export function searchShelf(shelf: Shelf, needle: string): Entry[] {
  const texts = shelf.texts();
  // A letter or two are in half of all names; other alphabets and signs alone are taken as they stand.
  if (needle.length < 3 || /[^\u0020-\u007e]/.test(needle) || !/[a-z0-9]/i.test(needle)) return plain(shelf, texts, needle);
  const [places, info, order] = fuzzy.search(texts, needle, 3, RANKED);
  if (!places) return [];
  if (info && order) {
    return order.slice(0, shelf.most).map((place) => shelf.entry(info.idx[place]!, info.ranges[place] ?? []));
  }
  const best = shortest(places, texts, shelf.most);
  return best.map((place) => shelf.entry(place, rangesOf(texts[place]!, needle)));
}

/** Those that leave the least besides what was asked for. */
function shortest(places: Iterable<number>, texts: readonly string[], most: number): number[] {
  const best: number[] = [];
  for (const place of places) {
    const length = texts[place]!.length;
    if (best.length === most && length >= texts[best.at(-1)!]!.length) continue;
    let at = best.length;
    while (at > 0 && texts[best[at - 1]!]!.length > length) at--;
    best.splice(at, 0, place);
    if (best.length > most) best.pop();
  }
  return best;
}

function plain(shelf: Shelf, texts: readonly string[], needle: string): Entry[] {
  const wanted = new RegExp(needle.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
  const places: number[] = [];
  texts.forEach((text, place) => {
    if (wanted.test(text)) places.push(place);
  });
  return shortest(places, texts, shelf.most).map((place) => shelf.entry(place, rangesOf(texts[place]!, needle)));
}

function rangesOf(text: string, needle: string): number[] {
  const lower = text.toLowerCase();
  return needle.toLowerCase().split(/\s+/).flatMap((word) => {
    const from = word ? lower.indexOf(word) : -1;
    return from < 0 ? [] : [from, from + word.length];
  });
}

// -- shelves ---------------------------------------------------------------------

/** Nodes, without those of a kind that has pages of its own. */
export function nodeShelf(names: Names, without: string): Shelf {
  const { nodes } = names;
  const places = nodes.id.map((_, node) => node).filter((node) => kindOf(names, node) !== without);
  const texts = places.map((node) => nodes.label[node]!);
  return {
    title: "Nodes",
    many: false,
    most: 8,
    texts: () => texts,
    entry: (place, ranges) => {
      const node = places[place]!;
      const kind = kindOf(names, node);
      return { kind, label: texts[place]!, about: nodes.folders[nodes.folder[node]!] || kind, to: href(["lineage"], { node: nodes.id[node]! }), ranges };
    },
  };
}

export function columnShelf(names: Names): Shelf {
  const { nodes, owner, starts } = names;
  let texts: string[] | undefined;
  let slots: Uint32Array | undefined;
  const built = () => {
    if (texts) return texts;
    texts = [];
    slots = new Uint32Array(owner.length - nodes.id.length);
    for (let node = 0; node < nodes.id.length; node++) {
      const label = nodes.label[node]!;
      nodes.columns[node]!.forEach((name, place) => {
        slots![texts!.length] = starts[node]! + 1 + place;
        texts!.push(`${label}.${name}`);
      });
    }
    return texts;
  };
  return {
    title: "Columns",
    many: true,
    most: 30,
    texts: built,
    entry: (place, ranges) => {
      const slot = slots![place]!;
      const node = owner[slot]!;
      const column = nodes.columns[node]![slot - starts[node]! - 1]!;
      return {
        kind: "column",
        label: texts![place]!,
        about: nodes.folders[nodes.folder[node]!] || kindOf(names, node),
        to: href(["lineage"], { column: `${nodes.id[node]}.${column}` }),
        ranges,
      };
    },
  };
}

/** Metrics and objectives: a page for each. */
export function pageShelf(title: string, kind: string, things: readonly { name: string; about: string }[], most = 6): Shelf {
  return {
    title,
    many: false,
    most,
    texts: () => things.map(({ name }) => name),
    entry: (place, ranges) => ({ kind, label: things[place]!.name, about: things[place]!.about, to: href([kind, things[place]!.name]), ranges }),
  };
}
