export function Search() {
  return <input className="input" aria-label="Search" placeholder="Search" />;
}
