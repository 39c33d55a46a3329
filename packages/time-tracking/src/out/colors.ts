/** Colours that can be told apart by most eyes, on white and in print; in the order in which tasks appear. */
const palette = [
  "#3b6ea8",
  "#d9822b",
  "#4c9a62",
  "#b5485d",
  "#7b63ad",
  "#2a9aa3",
  "#a3842a",
  "#6b7785",
] as const;

/** A colour for each name, by the order of the names. */
export function colorsFor(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name, at) => [name, palette[at] ?? furtherColor(at - palette.length)]));
}

/** Beyond the palette: hues at the golden angle, of which no two are the same, in three shades. */
function furtherColor(at: number): string {
  return `hsl(${((at + 1) * 137.508).toFixed(1)},${55 - (at % 2) * 15}%,${[38, 50, 30][at % 3]}%)`;
}

/** Text for XML and HTML, as content or as an attribute. What XML does not allow is left out. */
export function escapeMarkup(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}

/** A text of at most so many characters. */
export function shortened(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** `7:05`, hours and minutes, rounded down. */
export function clockText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
