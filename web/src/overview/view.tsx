import type { Route } from "../route";
import { Page } from "../ui/parts";

export function OverviewView({ route }: { route: Route }) {
  return <Page title="OverviewView">{route.path.join("/")}</Page>;
}
