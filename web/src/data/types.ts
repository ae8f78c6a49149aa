// Generated from analyticsops/site/model.py by `make web`.

/**
 * of this finding.
 */
export type Severity = "error" | "info" | "warning";
/**
 * how sure the claim is.
 */
export type Proof = "assumed" | "counterexample" | "proved" | "unknown";
/**
 * what the change does to the promises made to readers.
 */
export type Direction = "both" | "loosens" | "tightens" | "undetermined";
/**
 * How firmly others may rely on a node, the firmest first.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Stability".
 */
export type Stability = "contract" | "experimental" | "private" | "protected" | "public";
/**
 * the default; findings may weigh less when nobody is affected.
 */
export type Severity1 = "error" | "info" | "warning";
/**
 * How bad it is, as in dbt, SARIF and GitHub annotations.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Severity".
 */
export type Severity2 = "error" | "info" | "warning";
/**
 * How much a team wants to hear about a change. Each level holds those before it, so that people choose one word and not a switch for every rule.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Strictness".
 */
export type Strictness = "data" | "kpi" | "relation" | "schema" | "strict";
/**
 * of the change that it reports.
 */
export type Direction1 = "both" | "loosens" | "tightens" | "undetermined";
/**
 * How sure a finding is of its claim.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Proof".
 */
export type Proof1 = "assumed" | "counterexample" | "proved" | "unknown";
/**
 * What a change does to the promises that a table makes to its readers.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Direction".
 */
export type Direction2 = "both" | "loosens" | "tightens" | "undetermined";

export interface AnalyticsopsSite {
  [k: string]: unknown;
}
/**
 * What stands in the page itself.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Index".
 */
export interface Index {
  format: number;
  title: string;
  project: ProjectFacts;
  /**
   * moment of the report: everything is as it was known then.
   */
  at: number;
  /**
   * of analyticsops.
   */
  version: string;
  /**
   * whose runs the history's are; empty without one.
   */
  environment: string;
  /**
   * what a reader must know about the artifacts, one line each.
   */
  notes: string[];
  /**
   * where the data lies, by name.
   */
  chunks: {
    [k: string]: Chunk;
  };
  /**
   * nodes in each chunk of details, `details/0` and so on; likewise of runs.
   */
  details: number;
  /**
   * sections that there are data for.
   */
  has: string[];
  overview: Overview;
}
/**
 * Which project, as read from which artifacts.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "ProjectFacts".
 */
export interface ProjectFacts {
  /**
   * of the root project, from dbt_project.yml.
   */
  name: string;
  /**
   * that wrote the manifest.
   */
  dbt_version: string;
  /**
   * adapter type, for instance `duckdb`.
   */
  adapter: string;
  /**
   * when the manifest was written, ISO 8601 in UTC.
   */
  generated_at: string;
  /**
   * number of models (snapshots and seeds not counted).
   */
  models: number;
  /**
   * number of columns known over all models, seeds, snapshots and sources.
   */
  columns: number;
  /**
   * hash of the commit that was compiled for it; empty if a target folder was named.
   */
  commit?: string;
}
/**
 * Where a part of the data lies.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Chunk".
 */
export interface Chunk {
  /**
   * its name in the folder of the data; empty if it stands in the page itself.
   */
  file: string;
  /**
   * of its JSON, before it is compressed.
   */
  bytes: number;
}
/**
 * The first view.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Overview".
 */
export interface Overview {
  coverage: CoverageFacts;
  /**
   * how many are in which state; null without a history.
   */
  objectives: Count[] | null;
  /**
   * all objectives, the worst first.
   */
  budgets: Budget[];
  /**
   * those that are open, the worst first; null without a history.
   */
  incidents: OpenIncident[] | null;
  /**
   * how many of which tier.
   */
  metrics: Count[];
  /**
   * of the last seven days, latest first.
   */
  changes: Change[];
  /**
   * those with the most to do first.
   */
  owners: OwnerTodo[];
  /**
   * data products, and how many are ready.
   */
  products: number;
  ready: number;
  findings: Count[];
}
/**
 * How much of the column lineage is proven.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "CoverageFacts".
 */
export interface CoverageFacts {
  models: number;
  columns: number;
  proven: number;
  partial: number;
  unknown: number;
  /**
   * of the columns of models and snapshots, rounded down.
   */
  percent: number;
  /**
   * why columns are not proven, the most frequent first.
   */
  reasons: Count[];
}
/**
 * How many there are of something.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Count".
 */
export interface Count {
  name: string;
  count: number;
}
/**
 * An objective in a list.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Budget".
 */
export interface Budget {
  objective: string;
  subject: string;
  indicator: string;
  state: string;
  tier: string;
  owner: string;
  target: number;
  /**
   * share that was good; null if nothing counted.
   */
  sli: number | null;
  /**
   * share of its budget that is left, negative if more was spent; null without one.
   */
  left: number | null;
  /**
   * what was left of the budget at the end of each day of its window.
   */
  trend: number[];
}
/**
 * An incident in a list.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "OpenIncident".
 */
export interface OpenIncident {
  id: string;
  severity: string;
  title: string;
  root: string;
  since: number;
  owner: string;
  /**
   * marts, metrics and exposures that are hit.
   */
  affected: number;
}
/**
 * Something that changed recently.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Change".
 */
export interface Change {
  /**
   * `deployment`, `definition` or `metric`.
   */
  kind: string;
  /**
   * when; null if only the day is known, see `text`.
   */
  at: number | null;
  text: string;
  /**
   * `unique_id`, if it is about one.
   */
  node?: string;
  /**
   * runs that failed before it arrived.
   */
  failed?: number;
}
/**
 * What waits for somebody.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "OwnerTodo".
 */
export interface OwnerTodo {
  /**
   * empty for what nobody owns.
   */
  owner: string;
  /**
   * open ones.
   */
  incidents: number;
  /**
   * that are not met.
   */
  objectives: number;
  errors: number;
  warnings: number;
  infos: number;
  /**
   * checks of data products that are not passed.
   */
  readiness: number;
}
/**
 * All nodes, column by column of this table. Places refer to the lists at its end.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Nodes".
 */
export interface Nodes {
  /**
   * `unique_id`.
   */
  id: string[];
  /**
   * what people call it.
   */
  label: string[];
  /**
   * place in `kinds`; likewise `folder`, `owner`, `materialized`.
   */
  kind: number[];
  folder: number[];
  owner: number[];
  materialized: number[];
  /**
   * 0 proven, 1 partial, 2 unknown, 3 has no lineage of its own.
   */
  status: number[];
  /**
   * places in `tag_names`.
   */
  tags: number[][];
  /**
   * places of the nodes that it reads, as far as dbt or its SQL knows.
   */
  parents: number[][];
  /**
   * names, in order.
   */
  columns: string[][];
  /**
   * by slot, places in `tag_names` of tags that columns carry; those that travelled there are negative, less one: tag 3 arrives as -4.
   */
  column_tags: {
    [k: string]: number[];
  };
  /**
   * dbt's resource types, `hook` and `external`.
   */
  kinds: string[];
  folders: string[];
  owners: string[];
  materializations: string[];
  tag_names: string[];
}
/**
 * All edges between slots, by their target.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Edges".
 */
export interface Edges {
  /**
   * how many edges end in each slot.
   */
  counts: number[];
  /**
   * slots in which they begin, in the order of their targets.
   */
  sources: number[];
  /**
   * place in `names` of each, times four, plus how sure it is: 0 exact, 1 inferred, 2 ambiguous, 3 partial.
   */
  kinds: number[];
  /**
   * of kinds; with `classes` that say what they are: `value`, `control`, `rows`, `depends` or `tests`.
   */
  names: string[];
  classes: string[];
}
/**
 * What there is to say about a node.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "NodeDetail".
 */
export interface NodeDetail {
  description?: string;
  /**
   * of its file; `line` if known.
   */
  path?: string;
  line?: number;
  /**
   * name of its table in the warehouse.
   */
  relation?: string;
  owner?: string;
  language?: string;
  /**
   * compiled, else as written; empty without one, or if SQL is left out.
   */
  sql?: string;
  /**
   * False if `sql` is as written.
   */
  compiled?: boolean;
  /**
   * contract, access, version, group, what was deprecated.
   */
  promises?: string[];
  /**
   * of the node as a whole.
   */
  tests?: string[];
  /**
   * why its lineage is not proven.
   */
  problems?: string[];
  columns?: ColumnDetail[];
}
/**
 * What there is to say about a column.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "ColumnDetail".
 */
export interface ColumnDetail {
  name: string;
  type?: string;
  description?: string;
  tests?: string[];
  /**
   * how it comes about: (CTE or derived table, SQL), from the final SELECT inwards.
   */
  steps?: never[][];
  /**
   * steps that are left out.
   */
  more?: number;
  /**
   * what there is to say where there are no steps.
   */
  note?: string;
  /**
   * why its lineage is not proven.
   */
  problems?: string[];
  inferred?: boolean;
}
/**
 * The runs of a node, or of a test of it, the oldest first.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "NodeRuns".
 */
export interface NodeRuns {
  /**
   * of a test of it; empty for the node itself.
   */
  name: string;
  /**
   * build, test, freshness, ...
   */
  kind: string;
  /**
   * when it began, in whole seconds.
   */
  at: number[];
  /**
   * how long it took; null if nobody said.
   */
  seconds: (number | null)[];
  /**
   * affected; null if the adapter does not say.
   */
  rows: (number | null)[];
  /**
   * place in `words` of each outcome.
   */
  outcomes: number[];
  /**
   * likewise of each job.
   */
  jobs: number[];
  /**
   * likewise of each commit.
   */
  commits: number[];
  /**
   * places, in `at`, of runs before which its file was changed.
   */
  definitions: number[];
  /**
   * of what was not good, by place.
   */
  messages: {
    [k: string]: string;
  };
  /**
   * of a source, its newest data when it was measured.
   */
  data: (number | null)[];
  words: string[];
}
/**
 * What whoever is on call needs.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "OnCall".
 */
export interface OnCall {
  /**
   * open ones first, the worst first, then those that ended, latest first.
   */
  incidents: IncidentCase[];
  /**
   * incidents whose cause is in maintenance.
   */
  quiet: IncidentFacts[];
  /**
   * those whose last run failed first.
   */
  jobs: Job[];
  /**
   * alerts about jobs that are late, stuck or silent.
   */
  late: AlertFacts[];
  deployments: DeploymentFacts[];
  /**
   * deployments; null if that is not known.
   */
  per_week: number | null;
}
/**
 * An incident over time.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "IncidentCase".
 */
export interface IncidentCase {
  incident: IncidentFacts;
  /**
   * open, acknowledged, resolved or merged.
   */
  state: string;
  /**
   * null while it is open.
   */
  ended: number | null;
  /**
   * by whom.
   */
  acknowledged: string;
  /**
   * what happened, in order.
   */
  course: Happening[];
}
/**
 * All that is wrong for one reason; see :class:`analyticsops.slo.incident.Incident`.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "IncidentFacts".
 */
export interface IncidentFacts {
  id: string;
  /**
   * page or ticket.
   */
  severity: string;
  title: string;
  root: string;
  root_label: string;
  /**
   * True if the root is only likely.
   */
  suspected: boolean;
  since: string;
  owner: string;
  runbook: string;
  affected: Affected;
  alerts: AlertFacts[];
}
/**
 * What an incident reaches, by names, sorted.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "analyticsops.slo.incident.Affected".
 */
export interface Affected {
  /**
   * models downstream that have no model below them, or are public.
   */
  marts?: string[];
  /**
   * downstream.
   */
  metrics?: string[];
  /**
   * downstream.
   */
  exposures?: string[];
  /**
   * of all these.
   */
  owners?: string[];
  /**
   * how many nodes downstream besides.
   */
  others?: number;
}
/**
 * One thing that is wrong; see :class:`analyticsops.slo.alert.Alert`.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "AlertFacts".
 */
export interface AlertFacts {
  rule: string;
  kind: string;
  /**
   * page or ticket.
   */
  severity: string;
  subject: string;
  node: string;
  job: string;
  objective: string;
  since: string;
  owner: string;
  cause: string;
  /**
   * everything about it in one sentence.
   */
  sentence: string;
}
/**
 * Something that happened to an incident.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Happening".
 */
export interface Happening {
  at: number;
  text: string;
}
/**
 * A job, its last runs first.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Job".
 */
export interface Job {
  /**
   * as named; empty for runs that nobody named a job for.
   */
  name: string;
  /**
   * median seconds of its runs.
   */
  usual: number | null;
  runs: JobRun[];
}
/**
 * A run of a job.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "JobRun".
 */
export interface JobRun {
  at: number;
  seconds: number | null;
  verdict: string;
  command: string;
  commit: string;
  built: number;
  failed: number;
  skipped: number;
  tests_failed: number;
  tests_warned: number;
  problems?: string[];
}
/**
 * A commit that arrived.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "DeploymentFacts".
 */
export interface DeploymentFacts {
  at: number;
  commit: string;
  environment: string;
  failed: number;
  /**
   * from commit to deployment; null if not known.
   */
  lead: number | null;
}
/**
 * All objectives.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Objectives".
 */
export interface Objectives {
  /**
   * of each, the worst first; what is drawn of one stands in a chunk of its own, `objectives/0` and so on, by its place here.
   */
  standings: StandingFacts[];
  /**
   * objectives in each.
   */
  per_chunk: number;
  /**
   * objectives that cannot be judged, and why.
   */
  invalid: string[];
}
/**
 * How an objective stands.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "StandingFacts".
 */
export interface StandingFacts {
  /**
   * full name.
   */
  objective: string;
  /**
   * what it is about.
   */
  subject: string;
  /**
   * `unique_id`; empty for a job or the project.
   */
  node: string;
  /**
   * type.
   */
  indicator: string;
  /**
   * share that has to be good.
   */
  target: number;
  /**
   * as written: `28d`, `this month`.
   */
  window: string;
  /**
   * beginning of the present window.
   */
  window_from: string;
  /**
   * exhausted, breached, burning, met or unknown.
   */
  state: string;
  /**
   * good, bad or unknown.
   */
  now: string;
  /**
   * since when that is so.
   */
  since: string | null;
  /**
   * earlier than the moment of the evaluation if nobody looked since.
   */
  known_until: string;
  /**
   * what makes it bad or unknown.
   */
  because: string;
  /**
   * share that was good; null if nothing counted.
   */
  sli: number | null;
  /**
   * if all that is unknown were bad.
   */
  sli_worst: number | null;
  /**
   * seconds, or events, in the window so far; likewise bad and unknown.
   */
  counted: number;
  bad: number;
  unknown: number;
  /**
   * seconds or events that may be bad in the window.
   */
  budget_allowed: number;
  /**
   * share of the budget, negative if more was spent.
   */
  budget_left: number | null;
  /**
   * rules that fire.
   */
  burning: BurningFacts[];
  /**
   * when the budget will be used up if things go on as recently.
   */
  exhausts_at: string | null;
  /**
   * probability that it will be by the end of a calendar window.
   */
  exhausts_chance: number | null;
  /**
   * data time of the oldest data that decides.
   */
  data_at: string | null;
  /**
   * `unique_id` of the source whose it is.
   */
  data_from: string;
  /**
   * seconds that it may be old.
   */
  threshold: number | null;
  /**
   * seconds for which the source itself has had nothing newer.
   */
  source_lag: number | null;
  /**
   * seconds by which the node is behind the source.
   */
  pipeline_lag: number | null;
  /**
   * `unique_id` of the node that is behind what it reads, or of the source.
   */
  blame: string;
  /**
   * when the data that is there will be too old.
   */
  too_old_from: string | null;
  /**
   * when the next data is expected.
   */
  arrives_at: string | null;
  tier: string;
  owner: string;
  runbook: string;
  where: string;
}
/**
 * A rule for burn rates that fires.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "BurningFacts".
 */
export interface BurningFacts {
  rule: string;
  /**
   * how many times as fast as the budget lasts, over the rule's long time.
   */
  rate: number;
  /**
   * from which it fires.
   */
  threshold: number;
  /**
   * True if it may page.
   */
  page: boolean;
}
/**
 * An objective, whole.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Objective".
 */
export interface Objective {
  standing: StandingFacts;
  /**
   * `seconds` or `events`: what its budget is counted in.
   */
  unit: string;
  /**
   * end of its window.
   */
  window_until: number;
  /**
   * of its window.
   */
  timezone: string;
  budget: Line;
  /**
   * of its data in seconds, as old as it may have been; of objectives about freshness.
   */
  age: Line1 | null;
  /**
   * as young as it may have been, where that differs.
   */
  youngest: Line1 | null;
  /**
   * seconds that it may be old.
   */
  threshold: number | null;
  /**
   * times that counted as bad, and those of which nothing is known.
   */
  bad: BadSpan[];
  /**
   * loads, failures, releases.
   */
  events: ObjectiveEvent[];
  /**
   * from the source to the node.
   */
  lag: LagPart[];
  /**
   * that are raised now.
   */
  alerts: AlertFacts[];
  /**
   * as it holds, every default written out, as OpenSLO.
   */
  declared: string;
}
/**
 * share that is left, over its window; empty without a budget.
 */
export interface Line {
  at: number[];
  values: (number | null)[];
}
/**
 * A line of straight pieces; null where nothing is known.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Line".
 */
export interface Line1 {
  at: number[];
  values: (number | null)[];
}
/**
 * A time that counted as bad, or of which nothing is known.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "BadSpan".
 */
export interface BadSpan {
  start: number;
  end: number;
  known: boolean;
}
/**
 * Something that is marked on a plot.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "ObjectiveEvent".
 */
export interface ObjectiveEvent {
  at: number;
  /**
   * `load`, `failed`, `release`, `event` or `unknown`: an event of which nobody knows whether it was good.
   */
  kind: string;
  text: string;
  /**
   * of events, how many; likewise bad.
   */
  good?: number;
  bad?: number;
}
/**
 * What a node on the way adds to the age of the data.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "LagPart".
 */
export interface LagPart {
  /**
   * `unique_id`.
   */
  node: string;
  label: string;
  kind: string;
  /**
   * up to when it has the source's data; null if nothing is known.
   */
  data: number | null;
  /**
   * seconds by which it is behind what it reads.
   */
  added: number;
}
/**
 * The registry.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Metrics".
 */
export interface Metrics {
  cards: MetricCard[];
  duplicates: Duplicate[];
  shadows: MetricShadow[];
  /**
   * why there is none, if it cannot be read.
   */
  problem?: string;
}
/**
 * A metric, ready to be looked up.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "MetricCard".
 */
export interface MetricCard {
  metric: MetricEntry;
  /**
   * the query that computes it over all time, or by day where it needs one.
   */
  sql?: string;
  /**
   * why there is no such query.
   */
  refused?: string;
  /**
   * the times it is shown by, as `semantic_model.dimension (grain)`.
   */
  times?: string[];
  /**
   * of the columns that it is computed from or decided by, as `name: column`.
   */
  tests?: string[];
  /**
   * of its numbers, as `metrics verify` checks it.
   */
  promised?: string[];
  /**
   * file of values that are known to be right, relative to the project.
   */
  golden?: string;
  /**
   * of its sources as dbt measured it, as `source.table: status`.
   */
  freshness?: string[];
  /**
   * the newest first.
   */
  versions?: MetricVersion[];
  /**
   * what it lacks for its tier, as findings say it.
   */
  missing?: string[];
}
/**
 * what it is, where it comes from, who uses it.
 */
export interface MetricEntry {
  /**
   * unique in the project.
   */
  name: string;
  /**
   * dbt `unique_id`.
   */
  node: string;
  /**
   * `simple`, `ratio`, `derived`, `cumulative`, `conversion`, `sql`.
   */
  type: string;
  label?: string;
  description?: string;
  /**
   * its own, else that of its group; empty if nobody.
   */
  owner?: string;
  /**
   * `draft`, `reviewed`, `certified`, `deprecated`; empty if not said.
   */
  tier?: string;
  /**
   * of its meaning; empty if not said.
   */
  version?: string;
  unit?: string;
  direction?: string;
  why?: string;
  synonyms?: string[];
  /**
   * in one line, in terms of measures and other metrics.
   */
  formula?: string;
  /**
   * SQL templates of its filters, one per line.
   */
  filters?: string[];
  /**
   * names of the metrics it is computed from directly.
   */
  metrics?: string[];
  /**
   * columns of models that its value is computed from, `model.column`.
   */
  columns?: string[];
  /**
   * source columns at the far end, `source.table.column`.
   */
  sources?: string[];
  /**
   * columns that only decide what is counted (filters, joins, grouping).
   */
  decided_by?: string[];
  /**
   * exposures, saved queries and metrics that use it, as `kind name`.
   */
  used_by?: string[];
  path?: string;
}
/**
 * A version of a metric, as its change record tells it.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "MetricVersion".
 */
export interface MetricVersion {
  /**
   * from which on it holds.
   */
  version: string;
  /**
   * fix, redefine, rename or deprecate.
   */
  kind: string;
  /**
   * the reason.
   */
  why: string;
  /**
   * what readers were told.
   */
  release_note: string;
  /**
   * who decided.
   */
  approved_by: string;
}
/**
 * Metrics that mean the same, and in what they do.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Duplicate".
 */
export interface Duplicate {
  metrics: string[];
  text: string;
}
/**
 * A column that computes what a metric computes.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "MetricShadow".
 */
export interface MetricShadow {
  metric: string;
  node: string;
  column: string;
  likeness: string;
}
/**
 * One metric, ready to be shown.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "MetricEntry".
 */
export interface MetricEntry1 {
  /**
   * unique in the project.
   */
  name: string;
  /**
   * dbt `unique_id`.
   */
  node: string;
  /**
   * `simple`, `ratio`, `derived`, `cumulative`, `conversion`, `sql`.
   */
  type: string;
  label?: string;
  description?: string;
  /**
   * its own, else that of its group; empty if nobody.
   */
  owner?: string;
  /**
   * `draft`, `reviewed`, `certified`, `deprecated`; empty if not said.
   */
  tier?: string;
  /**
   * of its meaning; empty if not said.
   */
  version?: string;
  unit?: string;
  direction?: string;
  why?: string;
  synonyms?: string[];
  /**
   * in one line, in terms of measures and other metrics.
   */
  formula?: string;
  /**
   * SQL templates of its filters, one per line.
   */
  filters?: string[];
  /**
   * names of the metrics it is computed from directly.
   */
  metrics?: string[];
  /**
   * columns of models that its value is computed from, `model.column`.
   */
  columns?: string[];
  /**
   * source columns at the far end, `source.table.column`.
   */
  sources?: string[];
  /**
   * columns that only decide what is counted (filters, joins, grouping).
   */
  decided_by?: string[];
  /**
   * exposures, saved queries and metrics that use it, as `kind name`.
   */
  used_by?: string[];
  path?: string;
}
/**
 * What `check` finds in the project as it is.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Found".
 */
export interface Found {
  failed: boolean;
  fail_on: string;
  findings: Finding[];
  rules: Rule[];
  notes: string[];
}
/**
 * One thing that a person should look at.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Finding".
 */
export interface Finding {
  /**
   * code of the :class:`Rule`.
   */
  rule: string;
  /**
   * its kebab-case name.
   */
  name: string;
  severity: Severity;
  /**
   * dbt `unique_id` of the subject; empty for the project as a whole.
   */
  node: string;
  /**
   * what people call it: `orders` or `orders.amount`.
   */
  subject: string;
  /**
   * one sentence, one line.
   */
  message: string;
  /**
   * identity across commits, see :func:`fingerprint`.
   */
  fingerprint: string;
  /**
   * the column, if the subject is one.
   */
  column?: string;
  /**
   * where to look in the repository; None if nowhere.
   */
  location?: Location | null;
  /**
   * facts that support it, one line each.
   */
  evidence?: string[];
  /**
   * what to do; may be several lines.
   */
  fix?: string;
  /**
   * False when the rule could not decide and says so.
   */
  proven?: boolean;
  /**
   * who is hit downstream, nearest first.
   */
  affected?: Affected1[];
  /**
   * owner of the subject, empty if nobody.
   */
  owner?: string;
  /**
   * set when a person accepted it; it is shown but does not fail.
   */
  accepted?: Accepted | null;
  proof?: Proof;
  /**
   * tests and constraints that the proof rests on, one line each.
   */
  assumptions?: string[];
  direction?: Direction;
  /**
   * how firmly others may rely on the subject; null where that was not asked.
   */
  stability?: Stability | null;
  /**
   * the steps of a way out of a breaking change; empty if it has none, or comes with its own.
   */
  migration?: Migration[];
  /**
   * rows on which both versions differ, if they were executed and some were found.
   */
  counterexample?: Counterexample | null;
}
/**
 * A place in the user's repository.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Location".
 */
export interface Location {
  /**
   * relative to the dbt project's root, with forward slashes.
   */
  path: string;
  /**
   * 1-based; None if the place in the file is not known.
   */
  line?: number | null;
  /**
   * 1-based; None if not known.
   */
  column?: number | null;
}
/**
 * Something downstream that a finding reaches.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "analyticsops.findings.Affected".
 */
export interface Affected1 {
  /**
   * dbt `unique_id`.
   */
  node: string;
  /**
   * dbt resource type: model, test, metric, exposure, ...
   */
  kind: string;
  /**
   * display name, for instance `fct_orders`.
   */
  name: string;
  /**
   * the columns of it that are reached; empty for nodes without columns.
   */
  columns?: string[];
  /**
   * name of its owner, empty if nobody owns it.
   */
  owner?: string;
  /**
   * how it is reached: `breaks` (its own SQL reads what is gone), `loses` (its star no longer brings what is gone), `values` (a value it computes derives from it), `rows` (which rows it has depends on it), `depends` (known only at the level of whole nodes).
   */
  via?: string;
  /**
   * the shortest way there, as `model.column` steps, both ends included.
   */
  path?: string[];
  /**
   * True if which rows it has depends on it, perhaps besides.
   */
  rows?: boolean;
}
/**
 * Why a finding does not count.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Accepted".
 */
export interface Accepted {
  /**
   * `allow` (in SQL, meta or analyticsops.yml), `approval` or `baseline`.
   */
  by: string;
  /**
   * what the person wrote.
   */
  reason: string;
  /**
   * last day on which it holds, ISO date; empty for a baseline.
   */
  until?: string;
  /**
   * place of the entry.
   */
  where?: string;
}
/**
 * One step of a way out of a breaking change, ready to be applied.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Migration".
 */
export interface Migration {
  /**
   * `new-version` (a file, or an entry of a YAML file), `shim-view` (SQL of a view under the old name), `pin` (a reader's line, old and new) or `full-refresh` (a command).
   */
  step: string;
  /**
   * of the file that it belongs into; empty for a command.
   */
  path: string;
  /**
   * what to write there, or to run.
   */
  text: string;
}
/**
 * The smallest input found on which both versions differ. Its values are made up: rows of a real database are never shown.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Counterexample".
 */
export interface Counterexample {
  /**
   * the tables that are read; columns that do not matter are left out.
   */
  inputs: Rows[];
  base: Rows1;
  head: Rows2;
}
/**
 * A few rows of one table, as text.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Rows".
 */
export interface Rows {
  /**
   * what people call the table.
   */
  name: string;
  /**
   * names of the columns that are shown.
   */
  columns: string[];
  /**
   * a value as text, or null, for each of them.
   */
  rows: (string | null)[][];
}
/**
 * A few rows of one table, as text.
 */
export interface Rows1 {
  /**
   * what people call the table.
   */
  name: string;
  /**
   * names of the columns that are shown.
   */
  columns: string[];
  /**
   * a value as text, or null, for each of them.
   */
  rows: (string | null)[][];
}
/**
 * A few rows of one table, as text.
 */
export interface Rows2 {
  /**
   * what people call the table.
   */
  name: string;
  /**
   * names of the columns that are shown.
   */
  columns: string[];
  /**
   * a value as text, or null, for each of them.
   */
  rows: (string | null)[][];
}
/**
 * A claim that analyticsops can make about a project or a change.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Rule".
 */
export interface Rule {
  /**
   * frozen for ever, for instance `SCH201`; the letters are the family.
   */
  code: string;
  /**
   * the claim in kebab case, for instance `column-removed`.
   */
  name: string;
  severity: Severity1;
  /**
   * one sentence, "A column that ... was removed".
   */
  summary: string;
  /**
   * why a reader should care.
   */
  why: string;
  /**
   * what it looks like, before and after, as Markdown.
   */
  example: string;
  /**
   * how to fix it or how to migrate.
   */
  advice: string;
  /**
   * when the rule cannot tell, and what it says then.
   */
  unknown?: string;
  /**
   * the default for who delivers the data, if it is another one.
   */
  producer?: Severity2 | null;
  /**
   * the default of a metric that is a draft, if it is another one.
   */
  draft?: Severity2 | null;
  /**
   * likewise of one that is certified.
   */
  certified?: Severity2 | null;
  /**
   * the first level at which it is reported; None for rules that are not about changes.
   */
  strictness?: Strictness | null;
  direction?: Direction1;
  /**
   * code of the rule that reports the opposite change; its own code if the rule reports both.
   */
  mirror?: string;
}
/**
 * A change, reviewed.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Review".
 */
export interface Review {
  base: ProjectFacts1;
  /**
   * of the change, as somebody named it.
   */
  title: string;
  /**
   * True if a finding that nobody accepted reaches what fails a check.
   */
  failed: boolean;
  fail_on: string;
  findings: Finding[];
  rules: Rule[];
  verdicts: Verdict[];
  executions: Execution[];
  nodes: ChangedNode[];
  notes: string[];
}
/**
 * Which project, as read from which artifacts.
 */
export interface ProjectFacts1 {
  /**
   * of the root project, from dbt_project.yml.
   */
  name: string;
  /**
   * that wrote the manifest.
   */
  dbt_version: string;
  /**
   * adapter type, for instance `duckdb`.
   */
  adapter: string;
  /**
   * when the manifest was written, ISO 8601 in UTC.
   */
  generated_at: string;
  /**
   * number of models (snapshots and seeds not counted).
   */
  models: number;
  /**
   * number of columns known over all models, seeds, snapshots and sources.
   */
  columns: number;
  /**
   * hash of the commit that was compiled for it; empty if a target folder was named.
   */
  commit?: string;
}
/**
 * What a change did to one model, in a word.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Verdict".
 */
export interface Verdict {
  /**
   * dbt `unique_id`.
   */
  node: string;
  /**
   * display name.
   */
  name: string;
  /**
   * `identical`, `refactored`, `additive`, `values changed`, `rows changed`, `breaking`, `added`, `removed` or `unknown`.
   */
  verdict: string;
  /**
   * one line; why unknown, or what the verdict rests on.
   */
  reason?: string;
  /**
   * those whose values may differ, for a row that both versions have.
   */
  columns?: string[];
  /**
   * True if which rows it has may differ.
   */
  rows?: boolean;
}
/**
 * Both versions of one model, executed on the same data.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Execution".
 */
export interface Execution {
  /**
   * dbt `unique_id`.
   */
  node: string;
  /**
   * display name.
   */
  name: string;
  /**
   * what they ran on.
   */
  data: "generated" | "sample" | "target";
  /**
   * `model` if its own SQL ran over the same inputs; `downstream` if everything before it that the change may reach was built in both versions.
   */
  built?: "downstream" | "model";
  /**
   * `differs`, `no difference` (which proves nothing) or `unknown`.
   */
  outcome: "differs" | "no difference" | "unknown";
  /**
   * why it is unknown, or what was left out.
   */
  reason?: string;
  /**
   * number of databases on which both answered.
   */
  databases?: number;
  /**
   * number of those on which they differ.
   */
  differing?: number;
  /**
   * columns by which rows are paired; without any, rows are paired by all columns whose values are not said to have changed.
   */
  key?: string[];
  /**
   * rows of the base, over all databases.
   */
  rows?: number;
  /**
   * of them, those that the head does not have.
   */
  rows_removed?: number;
  /**
   * rows that only the head has.
   */
  rows_added?: number;
  /**
   * those that differ, the most first.
   */
  columns?: ColumnShare[];
  /**
   * what was said to be equal and is not: a defect of analyticsops.
   */
  refuted?: string[];
}
/**
 * How much of a column differs.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "ColumnShare".
 */
export interface ColumnShare {
  /**
   * its name.
   */
  column: string;
  /**
   * share of its values, between 0 and 1, among the rows that both have.
   */
  differing: number;
}
/**
 * What a change does to a node.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "ChangedNode".
 */
export interface ChangedNode {
  node: string;
  label: string;
  kind: string;
  /**
   * the worst of what is done to it, in the words of :class:`ChangedColumn`, or `proven equal`.
   */
  change: string;
  verdict: string;
  reason: string;
  /**
   * True if which rows it has may differ.
   */
  rows: boolean;
  /**
   * of the node in :class:`Nodes`; -1 if it was removed.
   */
  place: number;
  columns: ChangedColumn[];
  /**
   * places of the findings about it.
   */
  findings: number[];
  /**
   * its own definition did not change.
   */
  reached: boolean;
}
/**
 * What a change does to a column: `broken`, `changed`, `added`, `removed` or `unknown`; `reached` if its own SQL did not change.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "ChangedColumn".
 */
export interface ChangedColumn {
  name: string;
  change: string;
  reached: boolean;
}
/**
 * All scorecards, the worst first; checks in their order.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Readiness".
 */
export interface Readiness {
  checks: CheckFacts[];
  products: Product[];
}
/**
 * A question, for all products.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "CheckFacts".
 */
export interface CheckFacts {
  code: string;
  name: string;
  why: string;
}
/**
 * A data product and its scorecard.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Product".
 */
export interface Product {
  node: string;
  label: string;
  kind: string;
  owner: string;
  /**
   * of its node in :class:`~analyticsops.site.model.lineage.Nodes`.
   */
  place: number;
  /**
   * share of the checks that apply that are passed.
   */
  score: number;
  /**
   * of the checks, in their order.
   */
  answers: Answer[];
}
/**
 * What a check found.
 *
 * This interface was referenced by `AnalyticsopsSite`'s JSON-Schema
 * via the `definition` "Answer".
 */
export interface Answer {
  /**
   * of the check.
   */
  code?: string;
  /**
   * passed, failed, unknown or not applicable.
   */
  state: "failed" | "not applicable" | "passed" | "unknown";
  /**
   * what was found, in one line.
   */
  said: string;
  /**
   * what to do; empty if nothing.
   */
  fix?: string;
}
