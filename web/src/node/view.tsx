import type { Route } from "../route";
import { Page } from "../ui/parts";

export function NodeView({ route }: { route: Route }) {
  return <Page title="NodeView">{route.path.join("/")}</Page>;
}
