import type { Route } from "../route";
import { Page } from "../ui/parts";

export function ReadinessView({ route }: { route: Route }) {
  return <Page title="ReadinessView">{route.path.join("/")}</Page>;
}
