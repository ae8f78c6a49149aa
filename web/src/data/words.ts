// Numbers and times as people read them. Times are those of the reader's own zone, which is said
// wherever one stands alone.

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const DATE = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const SHORT = new Intl.DateTimeFormat(undefined, {
  month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
});
const NUMBER = new Intl.NumberFormat();

/** Seconds since 1970, or an ISO time, as seconds; null stays null. */
export function instant(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  return typeof value === "number" ? value : Date.parse(value) / 1000;
}

export function dateTime(value: number | string | null | undefined): string {
  const at = instant(value);
  return at === null ? "never" : DATE.format(at * 1000);
}

export function shortTime(value: number | string | null | undefined): string {
  const at = instant(value);
  return at === null ? "never" : SHORT.format(at * 1000);
}

/** `3 h 20 min`, at most two units. */
export function length(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "unknown";
  const whole = Math.abs(seconds);
  if (whole < 1) return whole === 0 ? "0 s" : `${Math.round(whole * 1000)} ms`;
  if (whole < 60) return `${whole < 10 ? Math.round(whole * 10) / 10 : Math.round(whole)} s`;
  const units: [number, string][] = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = units.findIndex(([size]) => whole >= size);
  const [size, unit] = units[first]!;
  const many = Math.floor(whole / size);
  const next = units[first + 1];
  const rest = next ? Math.floor((whole - many * size) / next[0]) : 0;
  const sign = seconds < 0 ? "−" : "";
  return next && rest && size > 60 ? `${sign}${many} ${unit} ${rest} ${next[1]}` : `${sign}${many} ${unit}`;
}

/** How long before the report something was: `2 h ago`, `in 3 d`. */
export function ago(value: number | string | null | undefined, now: number): string {
  const at = instant(value);
  if (at === null) return "never";
  return at <= now ? `${length(now - at)} ago` : `in ${length(at - now)}`;
}

/** `99.2 %`. Never rounded up to 100 or down to 0. */
export function percent(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined) return "–";
  let value = Number((share * 100).toFixed(digits));
  const step = 10 ** -digits;
  if (value === 100 && share < 1) value = 100 - step;
  if (value === 0 && share > 0) value = step;
  return `${value.toFixed(Number.isInteger(value) ? 0 : digits)} %`.replace("-", "−");
}

export function number(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : NUMBER.format(value);
}

/** `1 model`, `2 models`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
