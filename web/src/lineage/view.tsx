import type { Route } from "../route";
import { Page } from "../ui/parts";

export function LineageView({ route }: { route: Route }) {
  return <Page title="LineageView">{route.path.join("/")}</Page>;
}
