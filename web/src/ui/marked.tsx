// Text with `code` in it, as messages and descriptions write it.

/** Odd pieces between backticks are code; a lone backtick stays one. */
export function Marked({ text }: { text: string }) {
  const pieces = text.split("`");
  if (pieces.length % 2 === 0) return <>{text}</>;
  return <>{pieces.map((piece, place) => (place % 2 ? <code key={place}>{piece}</code> : piece))}</>;
}
