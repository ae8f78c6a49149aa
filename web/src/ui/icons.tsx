// Line icons on a grid of 24; decoration only, so they are hidden from those who hear the page.

const PATHS = {
  overview: "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
  review: "M7 4v12M7 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM17 8v12M17 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  lineage: "M3 5h6v5H3zM3 14h6v5H3zM15 9.5h6v5h-6zM9 7.5h2c2 0 2 4.5 4 4.5M9 16.5h2c2 0 2-4.5 4-4.5",
  oncall: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  objectives: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z",
  metrics: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  findings: "M4 5h16M4 12h10M4 19h7M17 14v4M17 21v.1",
  readiness: "M4 12l5 5L20 6",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM21 21l-5-5",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  moon: "M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10Z",
  table: "M3 5h18v14H3zM3 10h18M9 10v9",
  column: "M8 4h8v16H8zM8 9h8",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  down: "M6 9l6 6 6-6",
  right: "M9 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  panel: "M3 5h18v14H3zM15 5v14",
  filter: "M4 6h16M7 12h10M10 18h4",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
