/** One counter that both sides add to: ours in millions, theirs in ones, so that each can see how far the other is. */
export const oursUnit = 1_000_000;

/** How many updates are missing in the end; less than none where some count twice. */
export function missing(text: string, ours: number, theirs: number): number {
  const value = Number(text);
  return ours - Math.floor(value / oursUnit) + theirs - (value % oursUnit);
}
