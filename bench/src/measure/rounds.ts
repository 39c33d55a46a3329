/**
 * Runs all contenders once a round, round after round, in alternating order: a slow minute of the machine hits all of
 * them, and whoever goes first does so only every other time.
 */
export async function interleave<Name extends string, Figure>(
  rounds: number,
  contenders: Readonly<Record<Name, () => Promise<Figure>>>,
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figure[]])) as Record<Name, Figure[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      figures[name].push(await contenders[name]());
    }
  }
  return figures;
}
