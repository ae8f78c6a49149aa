// On `analyticsops serve` the page waits for the next report, and loads it; the address keeps where
// the reader is. A page from a disk or another server has no such mark and asks for nothing.

export function followChanges(): void {
  const mark = document.querySelector<HTMLMetaElement>('meta[name="analyticsops-live"]');
  if (!mark) return;
  new EventSource(mark.content).addEventListener("changed", () => location.reload());
}
