import type { Route } from "../route";
import { Page } from "../ui/parts";

export function OnCallView({ route }: { route: Route }) {
  return <Page title="OnCallView">{route.path.join("/")}</Page>;
}
