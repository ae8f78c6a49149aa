// Icons of dbt's resource types.

const PATHS: Record<string, string> = {
  model: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  source: "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3ZM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
  seed: "M12 21v-9M12 12C12 7 8 5 4 5c0 5 3 7 8 7ZM12 15c0-4 3-6 8-6 0 4-3 6-8 6Z",
  snapshot: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  exposure: "M4 5h16v11H4zM8 20h8M12 16v4M8 12V10M12 12V8M16 12v-1",
  metric: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  semantic_model: "M12 4v4M6 20v-4M18 20v-4M12 8 6 16M12 8l6 8M9 4h6M4 20h4M16 20h4",
  saved_query: "M6 4h12v16l-6-4-6 4z",
  analysis: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM21 21l-5-5",
  hook: "M12 4v9a4 4 0 1 1-4-4",
  external: "M9 5H5v14h14v-4M13 5h6v6M19 5l-9 9",
  column: "M8 4h8v16H8zM8 9h8",
  objective: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z",
};

export function kindPath(kind: string): string {
  return PATHS[kind] ?? "M5 5h14v14H5z";
}

export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  return (
    <svg className={`kind kind-${kind}`} width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={kindPath(kind)} />
    </svg>
  );
}
