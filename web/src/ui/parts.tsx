// The few parts that every view is made of.

import { Component, type ReactNode, useId } from "react";

/** A view: its title, what it says in one line, and its content. */
export function Page({ title, lead, actions, children, wide = false }: {
  title: ReactNode; lead?: ReactNode; actions?: ReactNode; children: ReactNode; wide?: boolean;
}) {
  return (
    <div className={wide ? "view view-wide" : "view"}>
      <header className="view-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="view-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A titled region of a view. */
export function Card({ title, note, children, className = "", actions }: {
  title?: ReactNode; note?: ReactNode; children: ReactNode; className?: string; actions?: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`card ${className}`} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className="card-head">
          <h2 id={id}>{title}</h2>
          {note && <span className="note">{note}</span>}
          {actions && <span className="card-actions">{actions}</span>}
        </div>
      )}
      {children}
    </section>
  );
}

/** The words of the whole page that say how something is, and the tone of each. */
const TONES: Record<string, string> = {
  met: "good", good: "good", passed: "good", ok: "good", proven: "good", resolved: "good", pass: "good", success: "good",
  "proven equal": "good", refactored: "good", identical: "good", fresh: "good", certified: "good",
  burning: "warn", warned: "warn", warning: "warn", ticket: "warn", partial: "warn", acknowledged: "warn",
  changed: "warn", "values changed": "warn", "rows changed": "warn", draft: "warn", warn: "warn", late: "warn", skipped: "quiet",
  breached: "bad", exhausted: "bad", bad: "bad", failed: "bad", error: "bad", page: "bad", open: "bad", crashed: "bad",
  broken: "bad", breaking: "bad", removed: "bad", interrupted: "bad", fail: "bad", "runtime error": "bad",
  additive: "info", added: "info", info: "info", reviewed: "info",
};

export function tone(word: string): string {
  return TONES[word] ?? "quiet";
}

/** A word with its tone. The word is always there: nobody has to see the colour. */
export function State({ word, children }: { word: string; children?: ReactNode }) {
  return <span className={`state state-${tone(word)}`}>{children ?? word}</span>;
}

export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag">{children}</span>;
}

/** Said where there is nothing, with what to do about it. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** A number that a view begins with. */
export function Figure({ value, label, tone: how = "", href }: {
  value: ReactNode; label: ReactNode; tone?: string; href?: string;
}) {
  const inside = (
    <>
      <span className={`figure-value ${how && `tone-${how}`}`}>{value}</span>
      <span className="figure-label">{label}</span>
    </>
  );
  return href ? <a className="figure" href={href}>{inside}</a> : <div className="figure">{inside}</div>;
}

/** A bar of parts, with its parts named for those who do not see it. */
export function Bar({ parts, label }: { parts: { name: string; value: number; tone: string }[]; label: string }) {
  const all = parts.reduce((sum, part) => sum + part.value, 0) || 1;
  const said = parts.filter((part) => part.value).map((part) => `${part.value} ${part.name}`).join(", ");
  return (
    <svg className="bar" role="img" aria-label={`${label}: ${said || "nothing"}`} viewBox="0 0 100 4" preserveAspectRatio="none">
      {parts.map((part, place) => {
        const before = parts.slice(0, place).reduce((sum, other) => sum + other.value, 0);
        return (
          <rect key={part.name} className={`fill-${part.tone}`} x={(before / all) * 100} width={(part.value / all) * 100} height="4">
            <title>{`${part.name}: ${part.value}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** SQL or YAML as it stands, to be copied. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <pre className="code" tabIndex={0} role="region" aria-label={label}>
      <code>{text}</code>
    </pre>
  );
}

/** What went wrong in one view leaves the others as they are. */
export class Guard extends Component<{ children: ReactNode; name: string }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: { name: string }) {
    if (before.name !== this.props.name && this.state.error) this.setState({ error: null });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="view" role="alert">
        <h1>This view cannot be shown</h1>
        <p className="lead">{error.message}</p>
      </div>
    );
  }
}
