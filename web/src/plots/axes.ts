// What stands at the axes: few ticks, in words that need no key.

import { length, number, percent } from "../data/words";

const HOUR = 3600;
const DAY = 86400;

const MONTH = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });
const DATE = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SHORT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

/** Names of moments at the axis of time; a day is named where it begins, in the reader's zone. */
export function times(splits: readonly number[], step: number): string[] {
  return splits.map((at, place) => {
    const when = new Date(at * 1000);
    if (step >= 28 * DAY) return MONTH.format(when);
    if (step >= DAY) return DATE.format(when);
    const begins = place === 0 || new Date(splits[place - 1]! * 1000).getDate() !== when.getDate();
    return begins ? `${TIME.format(when)}\n${DATE.format(when)}` : TIME.format(when);
  });
}

/** How a number on the other axis reads, and steps between its ticks that people count in. */
export interface Unit {
  readonly format: (value: number) => string;
  /** At its tick, where there is less room. */
  readonly tick: (value: number) => string;
  readonly steps: readonly number[];
}

const DECIMAL = [1, 2, 5];
const powers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, place) => DECIMAL.map((step) => step * 10 ** (from + place))).flat();

export const SECONDS: Unit = {
  format: length,
  tick: (value) => (value === 0 ? "0" : length(value)),
  steps: [
    ...powers(-3, 0), 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
    HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 100 * DAY, 365 * DAY,
  ],
};

export const SHARE: Unit = {
  format: (value) => percent(value, 1),
  tick: (value) => percent(value, 0),
  steps: [...powers(-2, 4), 0.25, 25].sort((a, b) => a - b),
};

export const COUNT: Unit = {
  format: number,
  tick: (value) => SHORT.format(value),
  steps: powers(0, 13),
};
