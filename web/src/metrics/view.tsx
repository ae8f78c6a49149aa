import type { Route } from "../route";
import { Page } from "../ui/parts";

export function MetricsView({ route }: { route: Route }) {
  return <Page title="MetricsView">{route.path.join("/")}</Page>;
}

export function MetricView({ route }: { route: Route }) {
  return <Page title="MetricView">{route.path.join("/")}</Page>;
}
