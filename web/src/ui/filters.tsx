// Filters of a list. They stand in the address, so that what somebody sees can be sent.

import { useId } from "react";
import { go, href, type Route } from "../route";

export interface Filters {
  readonly of: (name: string) => string;
  readonly set: (name: string, value: string) => void;
  readonly any: boolean;
  readonly clear: () => void;
}

export function filtersOf(route: Route): Filters {
  const now = Object.fromEntries(route.query);
  return {
    of: (name) => now[name] ?? "",
    set: (name, value) => go(href(route.path, { ...now, [name]: value }), true),
    any: Object.values(now).some(Boolean),
    clear: () => go(href(route.path), true),
  };
}

/** Said for what nobody owns, and for what has no tier: an empty value means that no filter is set. */
export const NONE = "none";

/** What there is to choose, in order, each once. */
export function choices(values: readonly string[]): string[] {
  return [...new Set(values.map((value) => value || NONE))].sort((a, b) => Number(a === NONE) - Number(b === NONE) || a.localeCompare(b));
}

export function fits(chosen: string, value: string): boolean {
  return chosen === "" || chosen === (value || NONE);
}

export function Choice({ filters, name, options }: { filters: Filters; name: string; options: readonly string[] }) {
  const id = useId();
  const now = filters.of(name);
  if (options.length < 2 && !now) return null;
  const all = now && !options.includes(now) ? [...options, now] : options;
  return (
    <span className="filter">
      <label htmlFor={id}>{name}</label>
      <select id={id} className="input" value={now} onChange={(event) => filters.set(name, event.target.value)}>
        <option value="">all</option>
        {all.map((option) => <option key={option} value={option}>{option}</option>)}
      </select>
    </span>
  );
}

export function Typed({ filters, label }: { filters: Filters; label: string }) {
  return (
    <input
      type="search" className="input typed" aria-label={label} placeholder={label}
      value={filters.of("q")} onChange={(event) => filters.set("q", event.target.value)}
    />
  );
}

/** What the filters leave, said to those who hear the page, too. */
export function Found({ filters, found, all }: { filters: Filters; found: number; all: number }) {
  return (
    <span className="found" role="status">
      {found === all ? `${all}` : `${found} of ${all}`}
      {filters.any && <button type="button" className="button button-bare" onClick={filters.clear}>Clear filters</button>}
    </span>
  );
}
