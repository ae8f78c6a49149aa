// Which data products may be relied on, and what the others lack.

import { useState } from "react";
import { useData } from "../data/load";
import type { CheckFacts, Product, Readiness } from "../data/types";
import { counted, number, percent } from "../data/words";
import type { Route } from "../route";
import { Choice, choices, filtersOf, fits, Found } from "../ui/filters";
import { Icon } from "../ui/icons";
import { Name } from "../ui/marked";
import { Card, Empty, Page } from "../ui/parts";
import { Answers, Mark } from "./answers";

/** So many scorecards are shown at a time. */
const STEP = 50;

export function ReadinessView({ route }: { route: Route }) {
  const { checks, products } = useData<Readiness>("readiness");
  const filters = filtersOf(route);
  const found = products.filter((one) => fits(filters.of("owner"), one.owner));
  const ready = products.filter((one) => one.score === 1).length;
  return (
    <Page title="Readiness" lead={products.length ? `${ready} of ${counted(products.length, "data product")} pass every check that applies. The worst first.` : "Data products are public models and exposures."}>
      {!products.length && <Card><Empty>There is no data product: a model with <code>access: public</code>, or an exposure, is one.</Empty></Card>}
      {products.length > 0 && (
        <>
          <div className="filters">
            <Choice filters={filters} name="owner" options={choices(products.map((one) => one.owner))} />
            <Found filters={filters} found={found.length} all={products.length} />
          </div>
          <Card><Scores checks={checks} products={found} /></Card>
        </>
      )}
      <Card title="The checks">
        <dl className="facts">
          {checks.map((check) => <div key={check.code} className="fact-row"><dt><code>{check.code}</code> {check.name.replaceAll("-", " ")}</dt><dd className="soft">{check.why}</dd></div>)}
        </dl>
      </Card>
    </Page>
  );
}

function Scores({ checks, products }: Readiness) {
  const [shown, setShown] = useState(STEP);
  if (!products.length) return <Empty>No data product fits.</Empty>;
  const left = products.length - shown;
  return (
    <div className="table-scroll scores" tabIndex={0} role="region" aria-label="Scorecard of each data product">
      <table>
        <caption className="unseen">Data products and checks</caption>
        <thead>
          <tr>
            <th scope="col">Data product</th>
            <th scope="col" className="number">Score</th>
            {checks.map((check) => <th key={check.code} scope="col" className="answer" title={check.why}><span>{check.name.replaceAll("-", " ")}</span></th>)}
          </tr>
        </thead>
        <tbody>{products.slice(0, shown).map((product) => <Score key={product.node} product={product} checks={checks} />)}</tbody>
      </table>
      {left > 0 && <button type="button" className="more" onClick={() => setShown(shown + STEP)}>Show more ({number(left)} left)</button>}
    </div>
  );
}

function Score({ product, checks }: { product: Product; checks: readonly CheckFacts[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <th scope="row" className="product">
          <button type="button" className="unfold" aria-expanded={open} onClick={() => setOpen(!open)}>
            <span className={open ? "turn turn-open" : "turn"}><Icon name="right" size={14} /></span><span><Name text={product.label} /></span>
          </button>
          <div className="faint small product-about">{product.kind} · {product.owner || "nobody owns it"}</div>
        </th>
        <td className={`number ${product.score === 1 ? "tone-good" : ""}`}><strong>{percent(product.score, 0)}</strong></td>
        {checks.map(({ code }, place) => <td key={code} className="answer"><Mark state={product.answers[place]?.state ?? "not applicable"} /></td>)}
      </tr>
      {open && <tr className="answers-row"><td colSpan={checks.length + 2}><Answers product={product} checks={checks} /></td></tr>}
    </>
  );
}
