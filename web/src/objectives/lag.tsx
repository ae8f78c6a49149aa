// Where the age of the data comes from: what each node on the way adds.

import type { LagPart, Objective } from "../data/types";
import { dateTime, length } from "../data/words";
import { NodeLink } from "../ui/links";

export function Lag({ objective: { lag, standing } }: { objective: Objective }) {
  const most = Math.max(...lag.map((part) => part.added), 1);
  const blamed = lag.find((part) => part.node === standing.blame);
  return (
    <>
      <p className="soft">
        {blamed ? <><NodeLink id={blamed.node}><strong>{blamed.label}</strong></NodeLink> is to blame{blamed.data !== null && blamed.added > 0 && <>: it is {length(blamed.added)} behind what it reads</>}.</> : "No single node is to blame."}
      </p>
      <ol className="lag">
        {lag.map((part) => <Part key={part.node} part={part} most={most} blamed={part === blamed} />)}
      </ol>
    </>
  );
}

function Part({ part, most, blamed }: { part: LagPart; most: number; blamed: boolean }) {
  const share = part.added / most;
  return (
    <li className="lag-part">
      <span className="lag-name">
        <NodeLink id={part.node}>{part.label}</NodeLink> <span className="faint small">{part.kind}</span>
      </span>
      <svg className="lag-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="lag-ground" width="100" height="4" />
        {part.data !== null && <rect className={blamed ? "fill-bad" : "fill-info"} width={Math.max(0, share * 100)} height="4" />}
      </svg>
      <span className="lag-value" title={part.data === null ? undefined : `has data up to ${dateTime(part.data)}`}>
        {part.data === null ? <span className="faint">not known</span> : part.added > 0 ? `+ ${length(part.added)}` : <span className="faint">nothing</span>}
      </span>
    </li>
  );
}
