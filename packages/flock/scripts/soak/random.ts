/** Whole numbers from 0 up to a limit, the same for the same seed (mulberry32). */
export type RandomSource = (limit: number) => number;

export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
