// Light or dark: as the system has it, unless the reader chose. Kept in the browser alone.

import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const KEPT = "analyticsops-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Theme | null {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null; // a browser that keeps nothing for pages from disk
  }
}

let own = chosen();
let printing = false;

function current(): Theme {
  if (printing) return "light"; // paper is white
  return own ?? (system.matches ? "dark" : "light");
}

function apply(): void {
  document.documentElement.dataset.theme = current();
  listeners.forEach((listener) => listener());
}

system.addEventListener("change", apply);
addEventListener("beforeprint", () => { printing = true; apply(); });
addEventListener("afterprint", () => { printing = false; apply(); });
apply();

export function toggleTheme(): void {
  own = current() === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEPT, own);
  } catch {
    // It holds for this visit then.
  }
  apply();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

/** A colour of the present theme, for what draws on a canvas: `token("good")`. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
