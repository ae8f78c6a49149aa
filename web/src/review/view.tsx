import type { Route } from "../route";
import { Page } from "../ui/parts";

export function ReviewView({ route }: { route: Route }) {
  return <Page title="ReviewView">{route.path.join("/")}</Page>;
}
