// What can be done on the graph; those who show it say what happens then.

import { createContext, useContext } from "react";
import type { SceneBox } from "./scene";

export interface Acts {
  /** Column or node that the graph is about, and what the panel shows: slots. */
  readonly focus: number | null;
  readonly shown: number | null;
  /** Id of the node that stands out, with its columns or by itself. */
  readonly center: string;
  readonly pickColumn: (slot: number, box: SceneBox) => void;
  readonly pickBox: (box: SceneBox) => void;
  /** Shows it in the panel; left out where the graph has none. */
  readonly show?: (slot: number) => void;
  readonly toggle: (box: SceneBox) => void;
  readonly filter: (box: SceneBox, text: string) => void;
  readonly close: () => void;
}

export const ActsContext = createContext<Acts | null>(null);

export function useActs(): Acts {
  return useContext(ActsContext)!;
}
