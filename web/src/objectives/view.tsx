export { ObjectivesView } from "./list";
export { ObjectiveView } from "./page";
