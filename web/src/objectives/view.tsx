import type { Route } from "../route";
import { Page } from "../ui/parts";

export function ObjectivesView({ route }: { route: Route }) {
  return <Page title="ObjectivesView">{route.path.join("/")}</Page>;
}

export function ObjectiveView({ route }: { route: Route }) {
  return <Page title="ObjectiveView">{route.path.join("/")}</Page>;
}
