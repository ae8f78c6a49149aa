export { MetricsView } from "./list";
export { MetricView } from "./page";
