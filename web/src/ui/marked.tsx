// Text as people write it in messages and descriptions, and names as machines write them.

/** Odd pieces between backticks are code; a lone backtick stays one. */
export function Marked({ text }: { text: string }) {
  const pieces = text.split("`");
  if (pieces.length % 2 === 0) return <>{text}</>;
  return <>{pieces.map((piece, place) => (place % 2 ? <code key={place}>{piece}</code> : piece))}</>;
}

/** A long name breaks where its parts meet, before it breaks anywhere. */
export function Name({ text }: { text: string }) {
  return <>{text.split(/(?<=[_./-])/).map((part, place) => <span key={place}>{place > 0 && <wbr />}{part}</span>)}</>;
}
