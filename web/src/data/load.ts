// Chunks of data: gzip in base64, in the page itself or in scripts beside it. Scripts, since a page
// that was opened from a disk may load nothing else; what they hold is data and never run.

import { use } from "react";
import type { Index } from "./types";

type Receiver = (name: string, data: string) => void;

declare global {
  interface Window {
    analyticsopsChunk?: Receiver;
  }
}

const arriving = new Map<string, (data: string) => void>();
const loaded = new Map<string, Promise<unknown>>();

window.analyticsopsChunk = (name, data) => {
  arriving.get(name)?.(data);
  arriving.delete(name);
};

/** What stands in the page itself. */
export const index: Index = JSON.parse(document.getElementById("index")!.textContent!);

/** True if there is data of that name. */
export function has(name: string): boolean {
  return name in index.chunks;
}

/** The data of that name; asked for again, the same promise. */
export function load<T>(name: string): Promise<T> {
  let found = loaded.get(name);
  if (!found) {
    found = text(name).then(unpacked);
    loaded.set(name, found);
  }
  return found as Promise<T>;
}

/** The data of that name, in a component under a Suspense. */
export function useData<T>(name: string): T {
  return use(load<T>(name));
}

function text(name: string): Promise<string> {
  const inside = document.getElementById(`data:${name}`);
  if (inside) return Promise.resolve(inside.textContent!.trim());
  const chunk = index.chunks[name];
  if (!chunk) return Promise.reject(new Error(`This report has no ${name}.`));
  return new Promise((resolve, reject) => {
    arriving.set(name, resolve);
    const script = document.createElement("script");
    script.src = `data/${chunk.file}`;
    script.onload = () => {
      script.remove();
      // It ran, and brought something else: half a file, or one of another report.
      if (arriving.delete(name)) reject(new Error(`data/${chunk.file} is not what it should be.`));
    };
    script.onerror = () => reject(new Error(`data/${chunk.file} is missing beside this page.`));
    document.head.append(script);
  });
}

async function unpacked(packed: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
