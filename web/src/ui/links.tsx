// Links: to what stands elsewhere in the report, and out of it.

import type { ReactNode } from "react";
import { href } from "../route";
import { Name } from "./marked";

/** A link out of the report, if it is one that a browser may follow; else as text. */
export function Outside({ url, children }: { url: string; children?: ReactNode }) {
  if (!/^https?:\/\//i.test(url)) return <span>{url}</span>;
  return <a href={url} rel="noreferrer" target="_blank">{children ?? url}</a>;
}

export function NodeLink({ id, children }: { id: string; children: ReactNode }) {
  return isNode(id) ? <a href={href(["node", id])}>{children}</a> : <span>{children}</span>;
}

/** Jobs and the project are causes, too, and no nodes. */
export function isNode(id: string): boolean {
  return /^[a-z_]+\..+\./.test(id);
}

export function MetricLink({ name }: { name: string }) {
  return <a href={href(["metric", name])}><Name text={name} /></a>;
}

export function ObjectiveLink({ name, children }: { name: string; children?: ReactNode }) {
  return <a href={href(["objective", name])}>{children ?? <Name text={name} />}</a>;
}

/** A column as `node.column`, to the picture of its lineage. */
export function ColumnLink({ column }: { column: string }) {
  return <a className="mono" href={href(["lineage"], { column })}><Name text={column} /></a>;
}
