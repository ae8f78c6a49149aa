// The frame around the views, and which view an address means.

import { type ComponentType, type ReactNode, Suspense, useEffect, useRef } from "react";
import { index } from "./data/load";
import { ago, dateTime } from "./data/words";
import { FindingsView } from "./findings/view";
import { LineageView } from "./lineage/view";
import { MetricView, MetricsView } from "./metrics/view";
import { NodeView } from "./node/view";
import { ObjectiveView, ObjectivesView } from "./objectives/view";
import { OnCallView } from "./oncall/view";
import { OverviewView } from "./overview/view";
import { ReadinessView } from "./readiness/view";
import { ReviewView } from "./review/view";
import { type Route, useRoute } from "./route";
import { Search } from "./search/search";
import { Icon, type IconName } from "./ui/icons";
import { Guard } from "./ui/parts";
import { toggleTheme, useTheme } from "./ui/theme";

interface Section {
  readonly key: string;
  readonly title: string;
  readonly icon: IconName;
  /** What the data must have for it; see `Index.has`. */
  readonly needs?: string;
  readonly view: ComponentType<{ route: Route }>;
  readonly count?: number | undefined;
}

const SECTIONS: readonly Section[] = [
  { key: "overview", title: "Overview", icon: "overview", view: OverviewView },
  { key: "review", title: "Change review", icon: "review", needs: "review", view: ReviewView },
  { key: "lineage", title: "Lineage", icon: "lineage", view: LineageView },
  { key: "oncall", title: "On call", icon: "oncall", needs: "oncall", view: OnCallView, count: index.overview.incidents?.length },
  { key: "objectives", title: "Objectives", icon: "objectives", needs: "objectives", view: ObjectivesView },
  { key: "metrics", title: "Metrics", icon: "metrics", needs: "metrics", view: MetricsView },
  { key: "findings", title: "Findings", icon: "findings", view: FindingsView },
  { key: "readiness", title: "Readiness", icon: "readiness", needs: "readiness", view: ReadinessView },
];

/** Views of one thing; they belong to a section. */
const SINGLE: Record<string, { section: string; view: ComponentType<{ route: Route }> }> = {
  node: { section: "lineage", view: NodeView },
  metric: { section: "metrics", view: MetricView },
  objective: { section: "objectives", view: ObjectiveView },
};

const shown = SECTIONS.filter(({ needs }) => !needs || index.has.includes(needs));

export function App() {
  const route = useRoute();
  const [first = "overview"] = route.path;
  const single = SINGLE[first];
  const key = single?.section ?? first;
  const section = shown.find((one) => one.key === key);
  const View = single?.view ?? section?.view ?? Missing;
  const main = useRef<HTMLElement>(null);
  const place = route.path.join("/");

  useEffect(() => {
    const name = single ? route.path[1] : section?.title;
    document.title = `${name ?? "Not found"} · ${index.title}`;
    main.current?.scrollTo(0, 0);
  }, [place]);

  return (
    <div className="frame">
      <header className="mark">
        <a className="skip" href={`#/${place}`} onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the content</a>
        <Mark />
        <div className="mark-name"><strong title={index.title}>{index.title}</strong><span>analyticsops</span></div>
      </header>
      <div className="top" role="search">
        <div className="grow"><Search /></div>
        <span className="top-fact" title={dateTime(index.at)}>as of {dateTime(index.at)}</span>
        <ThemeButton />
      </div>
      <nav className="nav" aria-label="Sections">
        {shown.map((one) => (
          <a key={one.key} href={`#/${one.key}`} aria-current={one.key === key ? "page" : undefined}>
            <Icon name={one.icon} />
            {one.title}
            {Boolean(one.count) && <span className="badge" aria-label={`${one.count} open`}>{one.count}</span>}
          </a>
        ))}
        <div className="nav-foot">
          dbt {index.project.dbt_version} · {index.project.adapter}<br />
          artifacts {ago(index.project.generated_at, index.at)}<br />
          analyticsops {index.version}
        </div>
      </nav>
      <main ref={main} tabIndex={-1}>
        <Guard name={place}>
          <Suspense fallback={<p className="waiting" role="status">Loading…</p>}>
            <View route={route} />
          </Suspense>
        </Guard>
      </main>
    </div>
  );
}

function Missing({ route }: { route: Route }): ReactNode {
  const known = SECTIONS.find((one) => one.key === route.path[0]);
  return (
    <div className="view">
      <h1>{known ? `${known.title}: not in this report` : "There is no such page"}</h1>
      <p className="lead">
        {known?.key === "review" ? "It was made without --state, so there is nothing to compare with." :
         known ? "It was made without a history of runs; analyticsops ingest starts one." : <a href="#/overview">To the overview</a>}
      </p>
    </div>
  );
}

function ThemeButton() {
  const theme = useTheme();
  return (
    <button type="button" className="button button-bare" onClick={toggleTheme} aria-label={theme === "dark" ? "Use light colours" : "Use dark colours"}>
      <Icon name={theme === "dark" ? "sun" : "moon"} />
    </button>
  );
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round">
      <path d="M4 6h5c4 0 3 12 7 12h4M4 18h5c1.6 0 2.4-2 3-4" />
      <circle cx="4" cy="6" r="2" fill="currentColor" /><circle cx="4" cy="18" r="2" fill="currentColor" /><circle cx="20" cy="18" r="2" fill="currentColor" />
    </svg>
  );
}
