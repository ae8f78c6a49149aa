// Lines that were known at different moments, on one axis.

export interface Known {
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A jump is two points at one moment; half a second apart, they keep their order. */
export function apart(line: Known): Known {
  let last = -Infinity;
  const at = line.at.map((moment) => (last = moment <= last ? last + 0.5 : moment));
  return { at, values: line.values };
}

/** All moments of all lines, in order, each once. */
export function moments(lines: readonly Known[]): number[] {
  return [...new Set(lines.flatMap((line) => line.at))].sort((a, b) => a - b);
}

/** The line at each of those moments, on its straight pieces; null outside and where it is. */
export function along(line: Known, at: readonly number[]): (number | null)[] {
  let place = 0;
  return at.map((moment) => {
    while (place + 1 < line.at.length && line.at[place + 1]! <= moment) place += 1;
    const from = line.at[place];
    const before = line.values[place];
    if (from === undefined || before === null || before === undefined || moment < from) return null;
    if (moment === from) return before;
    const until = line.at[place + 1];
    const after = line.values[place + 1];
    if (until === undefined || after === null || after === undefined) return null;
    return before + ((after - before) * (moment - from)) / (until - from);
  });
}
