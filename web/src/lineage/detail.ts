// What there is to say about a node comes in chunks of many nodes; two thirds of a page need none.

import { use } from "react";
import { index, load } from "../data/load";
import type { ColumnDetail, NodeDetail } from "../data/types";

const NONE: Promise<NodeDetail> = Promise.resolve({});
const known = new Map<number, Promise<NodeDetail>>();

export function useDetail(node: number): NodeDetail {
  return use(loadDetail(node));
}

function loadDetail(node: number): Promise<NodeDetail> {
  const name = `details/${Math.floor(node / index.details)}`;
  if (!(name in index.chunks)) return NONE;
  let found = known.get(node);
  if (!found) {
    found = load<NodeDetail[]>(name).then((details) => details[node % index.details] ?? {});
    known.set(node, found);
  }
  return found;
}

export function columnDetail(detail: NodeDetail, name: string): ColumnDetail | undefined {
  return detail.columns?.find((column) => column.name === name);
}

/** Steps as (name of a CTE, SQL): pairs, which the generated types do not know. */
export function stepsOf(column: ColumnDetail | undefined): readonly (readonly [string, string])[] {
  return (column?.steps ?? []) as unknown as [string, string][];
}
