// The search of the whole page: / or Ctrl+K opens it.

import { Combobox, ComboboxGroup, ComboboxGroupLabel, ComboboxItem, ComboboxList, ComboboxProvider, Dialog } from "@ariakit/react";
import { type KeyboardEvent as KeyboardEventOf, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { KindIcon } from "../lineage/kind";
import { go } from "../route";
import { Icon } from "../ui/icons";
import { type Entry, searchShelf, type Shelf } from "./find";
import { recents, remember } from "./recent";
import { loadShelves } from "./shelves";

const OPEN = "analyticsops-search";

const MOVING = new Set(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"]);

/** Opens the search from anywhere in the page. */
export function openSearch(): void {
  dispatchEvent(new Event(OPEN));
}

export function Search() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const show = () => setOpen(true);
    addEventListener(OPEN, show);
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener(OPEN, show);
      removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <>
      <button type="button" className="search-button" onClick={openSearch} aria-keyshortcuts="/ Control+K Meta+K">
        <Icon name="search" /><span>Search nodes, columns, metrics</span><kbd aria-hidden="true">/</kbd>
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} className="search" backdrop={<div className="search-backdrop" />} aria-label="Search" unmountOnHide>
        <Finder close={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const writes = target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  const slash = event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey;
  const k = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  if (!slash && !k) return;
  event.preventDefault();
  openSearch();
}

function useShelves(): readonly Shelf[] | null {
  const [shelves, setShelves] = useState<readonly Shelf[] | null>(null);
  useEffect(() => {
    let here = true;
    void loadShelves().then((loaded) => {
      if (!here) return;
      setShelves(loaded);
      setTimeout(() => loaded.forEach(({ texts }) => texts())); // while the first letter is typed
    });
    return () => {
      here = false;
    };
  }, []);
  return shelves;
}

function Finder({ close }: { close: () => void }) {
  const [value, setValue] = useState("");
  const shelves = useShelves();
  const needle = value.trim();
  // Nodes are found with the key that was pressed; columns follow as soon as there is time.
  const later = useDeferredValue(needle);
  const things = useMemo(() => found(shelves, needle, false), [shelves, needle]);
  const columns = useMemo(() => found(shelves, later, true), [shelves, later]);
  const groups = needle ? [...things, ...columns] : [];
  const choose = (entry: { kind: string; label: string; to: string }) => {
    remember({ kind: entry.kind, label: entry.label, to: entry.to });
    close();
    go(entry.to);
  };
  const moved = useRef(false);
  const type = (next: string) => {
    moved.current = false;
    setValue(next);
  };
  const press = (event: KeyboardEventOf<HTMLInputElement>) => {
    if (MOVING.has(event.key)) moved.current = true;
    if (event.key !== "Enter" || moved.current || !needle) return;
    // What was typed counts, also while what is shown is still about the letter before.
    const first = [...found(shelves, needle, false), ...found(shelves, needle, true)][0]?.entries[0];
    if (!first) return;
    event.preventDefault();
    choose(first);
  };
  return (
    <ComboboxProvider open value={value} setValue={type} includesBaseElement={false} resetValueOnHide={false} focusLoop>
      <div className="search-input">
        <Icon name="search" />
        <Combobox autoSelect="always" autoFocus onKeyDownCapture={press} placeholder="orders, orders.amount, revenue…" aria-label="Search" className="search-field" />
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      <ComboboxList className="search-list" aria-label="Results">
        {needle ? (
          groups.map(({ title, entries }) => (
            <ComboboxGroup key={title} className="search-group">
              <ComboboxGroupLabel className="search-title">{title}</ComboboxGroupLabel>
              {entries.map((entry) => <Item key={entry.to} entry={entry} choose={choose} />)}
            </ComboboxGroup>
          ))
        ) : (
          <Lately choose={choose} />
        )}
      </ComboboxList>
      <p className="search-said" role="status">
        {!shelves ? "Loading…" : needle && later === needle && !groups.length ? `Nothing is called ${needle}.` : needle ? "" : "Type parts of a name, in any order."}
      </p>
    </ComboboxProvider>
  );
}

function found(shelves: readonly Shelf[] | null, needle: string, columns: boolean): { title: string; entries: Entry[] }[] {
  if (!shelves || !needle) return [];
  return shelves.filter(({ many }) => many === columns)
    .map((shelf) => ({ title: shelf.title, entries: searchShelf(shelf, needle) }))
    .filter(({ entries }) => entries.length);
}

function Item({ entry, choose }: { entry: Entry; choose: (entry: Entry) => void }) {
  return (
    <ComboboxItem className="search-item" hideOnClick={false} setValueOnClick={false} focusOnHover blurOnHoverEnd={false} onClick={() => choose(entry)} title={entry.label}>
      <KindIcon kind={entry.kind} />
      <span className="search-label"><Marked text={entry.label} ranges={entry.ranges} /></span>
      <span className="search-about"><bdi dir="ltr">{entry.about}</bdi></span>
    </ComboboxItem>
  );
}

function Lately({ choose }: { choose: (entry: { kind: string; label: string; to: string }) => void }) {
  const kept = useMemo(recents, []);
  if (!kept.length) return null;
  return (
    <ComboboxGroup className="search-group">
      <ComboboxGroupLabel className="search-title">Lately</ComboboxGroupLabel>
      {kept.map((one) => (
        <ComboboxItem key={one.to} className="search-item" hideOnClick={false} setValueOnClick={false} focusOnHover blurOnHoverEnd={false} onClick={() => choose(one)}>
          <KindIcon kind={one.kind} /><span className="search-label">{one.label}</span><span className="search-about">{one.kind}</span>
        </ComboboxItem>
      ))}
    </ComboboxGroup>
  );
}

/** What matches stands out. */
function Marked({ text, ranges }: { text: string; ranges: readonly number[] }) {
  const parts = [];
  let at = 0;
  for (let place = 0; place + 1 < ranges.length; place += 2) {
    const [from, to] = [ranges[place]!, ranges[place + 1]!];
    if (from < at) continue;
    parts.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  return <>{parts}{text.slice(at)}</>;
}
