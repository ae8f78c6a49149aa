// What the project says about a node and its columns.

import { useMemo, type ReactNode } from "react";
import type { ColumnDetail, NodeDetail, Nodes } from "../data/types";
import { counted } from "../data/words";
import { href } from "../route";
import { NodeLink } from "../ui/links";
import { Marked } from "../ui/marked";
import { Card, Tag } from "../ui/parts";
import { type Column, Table } from "../ui/table";

export function About({ nodes, place, detail }: { nodes: Nodes; place: number; detail: NodeDetail }) {
  const readers = useMemo(() => nodes.parents.flatMap((parents, reader) => (parents.includes(place) ? [reader] : [])), [nodes, place]);
  const facts: [string, ReactNode][] = [
    ["Table", detail.relation && <code>{detail.relation}</code>],
    ["Promises", detail.promises?.length ? detail.promises.join(", ") : ""],
    ["Tests of the whole", detail.tests?.length ? detail.tests.join(", ") : ""],
    ["Reads", <Neighbours key="reads" nodes={nodes} places={nodes.parents[place]!} />],
    ["Is read by", <Neighbours key="read" nodes={nodes} places={readers} />],
    ["Not proven", detail.problems?.length ? <ul>{detail.problems.map((text) => <li key={text}>{text}</li>)}</ul> : ""],
  ];
  return (
    <Card title="About it">
      <dl className="facts">
        {facts.filter(([, value]) => value).map(([name, value]) => <div key={name} className="fact-row"><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </Card>
  );
}

const SHOWN = 30;

function Neighbours({ nodes, places }: { nodes: Nodes; places: readonly number[] }) {
  if (!places.length) return <span className="faint">nothing that is known</span>;
  return (
    <span>
      {places.slice(0, SHOWN).map((place, count) => (
        <span key={place}>{count > 0 && ", "}<NodeLink id={nodes.id[place]!}>{nodes.label[place]}</NodeLink></span>
      ))}
      {places.length > SHOWN && <span className="faint"> and {places.length - SHOWN} more</span>}
    </span>
  );
}

export function Columns({ id, label, columns }: { id: string; label: string; columns: readonly ColumnDetail[] }) {
  const shown = useMemo(() => table(id), [id]);
  if (!columns.length) return null;
  return (
    <Card title="Columns" note={counted(columns.length, "column")}>
      <Table rows={columns} columns={shown} keyOf={(row) => row.name} caption={`Columns of ${label}`} />
    </Card>
  );
}

function table(id: string): Column<ColumnDetail>[] {
  return [
    {
      name: "Column", by: (row) => row.name,
      cell: (row) => (
        <>
          <a className="mono" href={href(["lineage"], { column: `${id}.${row.name}` })}>{row.name}</a>
          {row.problems?.map((text) => <div key={text} className="tone-warn small">not proven: {text}</div>)}
        </>
      ),
    },
    { name: "Type", cell: (row) => <span className="mono faint">{row.type}</span>, by: (row) => row.type },
    { name: "Description", cell: (row) => <span className="soft lined"><Marked text={row.description ?? ""} /></span>, grow: true },
    { name: "Tests", cell: (row) => <span className="row">{row.tests?.map((test) => <Tag key={test}>{test}</Tag>)}</span>, by: (row) => -(row.tests?.length ?? 0) },
  ];
}
