/** What the workers of a storm were told, kept outside of them, and what the files must hold after it. */
export class StormLedger {
  readonly #workers = new Map<string, Record<string, number>>();
  acknowledged = 0;

  /** Takes a line of a worker: `try <kind> <round>` or `acknowledged <kind> <round>`. Whether it acknowledged something. */
  note(worker: string, line: string): boolean {
    let seen = this.#workers.get(worker);
    if (seen === undefined) this.#workers.set(worker, (seen = {}));
    const [verb = "", kind = "", round = "0"] = line.split(" ");
    if (kind === "") return false;
    seen[`${verb} ${kind}`] = Number(round);
    if (verb !== "acknowledged") return false;
    this.acknowledged += 1;
    return true;
  }

  /** Every acknowledged change is there, once; of each worker's last attempt, once or not at all. */
  judge(
    counts: Readonly<Record<string, number>>,
    records: readonly { by: string; round: number }[],
  ): Verdict {
    const verdict: Verdict = { lost: 0, duplicated: 0, explanations: [] };
    const rounds = new Map<string, number[]>();
    for (const { by, round } of records) rounds.set(by, [...(rounds.get(by) ?? []), round]);
    for (const [worker, seen] of this.#workers) {
      const logged = rounds.get(worker) ?? [];
      rounds.delete(worker);
      // Each worker counts up by one, so its records must read 1, 2, 3, …
      logged.forEach((round, at) => {
        if (round !== at + 1) verdict.explanations.push(`${worker}: record ${at + 1} says ${round}`);
      });
      this.#compare(verdict, worker, "document", seen, counts[worker] ?? 0);
      this.#compare(verdict, worker, "log", seen, logged.length);
    }
    for (const worker of rounds.keys()) verdict.explanations.push(`records of ${worker}, who never ran`);
    return verdict;
  }

  #compare(
    verdict: Verdict,
    worker: string,
    kind: string,
    seen: Readonly<Record<string, number>>,
    found: number,
  ): void {
    const told = seen[`acknowledged ${kind}`] ?? 0;
    const tried = seen[`try ${kind}`] ?? 0;
    if (found < told) verdict.lost += told - found;
    if (found > tried) verdict.duplicated += found - tried;
    if (found < told || found > tried)
      verdict.explanations.push(`${worker}: ${kind} acknowledged ${told}, tried ${tried}, found ${found}`);
  }
}

export interface Verdict {
  lost: number;
  duplicated: number;
  explanations: string[];
}
