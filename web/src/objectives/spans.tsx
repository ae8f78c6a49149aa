// The times at which an objective was bad, or not known: of one about time that has no age to draw.

import type { BadSpan } from "../data/types";
import { dateTime, length } from "../data/words";
import { State } from "../ui/parts";
import { type Column, Table } from "../ui/table";

const COLUMNS: readonly Column<BadSpan>[] = [
  { name: "From", cell: (span) => dateTime(span.start), by: (span) => span.start },
  { name: "Until", cell: (span) => dateTime(span.end), by: (span) => span.end },
  { name: "How", cell: (span) => <State word={span.known ? "bad" : "unknown"} />, by: (span) => (span.known ? 0 : 1) },
  { name: "For", cell: (span) => length(span.end - span.start), by: (span) => span.end - span.start, number: true },
];

export function BadSpans({ spans }: { spans: readonly BadSpan[] }) {
  return <Table rows={spans} columns={COLUMNS} keyOf={(span) => String(span.start)} caption="Times that were bad or not known" start="-From" />;
}
