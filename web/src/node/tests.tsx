// The tests of a node, each with how it went.

import { index } from "../data/load";
import type { NodeRuns } from "../data/types";
import { ago, counted, dateTime } from "../data/words";
import { Strip } from "../plots/small";
import { State, tone } from "../ui/parts";
import { outcome } from "./runs";

const DRAWN = 30;

export function Tests({ tests }: { tests: readonly NodeRuns[] }) {
  return <ul className="tests">{tests.map((test) => <TestLine key={`${test.kind} ${test.name}`} test={test} />)}</ul>;
}

function TestLine({ test }: { test: NodeRuns }) {
  const last = test.at.length - 1;
  const drawn = test.at.map((_, place) => place).slice(-DRAWN);
  const bad = drawn.filter((place) => tone(outcome(test, place)) === "bad").length;
  return (
    <li className="test">
      <span className="test-name">
        {test.name}
        <span className="faint small" title={dateTime(test.at[last])}>{ago(test.at[last], index.at)}</span>
      </span>
      <Strip
        label={`The last ${counted(drawn.length, "run")}: ${bad} failed; the last one ${outcome(test, last)}`}
        cells={drawn.map((place) => ({
          key: String(place),
          tone: tone(outcome(test, place)),
          height: tone(outcome(test, place)) === "good" ? 0.55 : 1,
          title: `${dateTime(test.at[place])}: ${outcome(test, place)}`,
        }))}
      />
      <State word={outcome(test, last)} />
    </li>
  );
}
