/** A tally as one process tells it to another. */
export interface TallyRecord {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  readonly skips: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly highest: ReadonlyMap<string, number>;
}

/** What a part found, and the one plain line it ends in. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  readonly failures: string[] = [];
  readonly skips: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #highest = new Map<string, number>();
  readonly #say: (text: string) => void;
  readonly #origin: string;

  /** @param origin - What repeats a failure, such as its seed; said with each. */
  constructor(say: (text: string) => void = () => undefined, origin = "") {
    this.#say = say;
    this.#origin = origin === "" ? "" : ` (${origin})`;
  }

  /** What {@link record} told. */
  static from(record: TallyRecord): Tally {
    const tally = new Tally();
    tally.passed = record.passed;
    tally.failed = record.failed;
    tally.skipped = record.skipped;
    tally.#note(record);
    for (const [name, value] of record.counts) tally.count(name, value);
    for (const [name, value] of record.highest) tally.highest(name, value);
    return tally;
  }

  get record(): TallyRecord {
    const { passed, failed, skipped, failures, skips } = this;
    return { passed, failed, skipped, failures, skips, counts: this.#counts, highest: this.#highest };
  }

  pass(): void {
    this.passed += 1;
  }

  /** @param how - Enough to see it again: a seed, an operation, a position. */
  fail(what: string, how: string): void {
    this.failed += 1;
    this.failures.push(`${what}${this.#origin}: ${how}`);
    this.#say(`FAILED  ${what}${this.#origin}\n        ${how.replaceAll("\n", "\n        ")}`);
  }

  skip(what: string, why: string, cases = 1): void {
    this.skipped += cases;
    this.skips.push(`${what}: ${why}`);
    this.#say(`SKIPPED ${what} (${cases}): ${why}`);
  }

  /** Runs one case; what it throws is its failure. */
  async check(what: string, run: () => unknown, how = ""): Promise<boolean> {
    try {
      await run();
    } catch (error) {
      this.fail(what, `${how}${how && "\n"}${describe(error)}`);
      return false;
    }
    this.pass();
    return true;
  }

  /** Adds to a named count. Naming it with 0 makes it appear in the line. */
  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  highest(name: string, value: number): void {
    this.#highest.set(name, Math.max(this.#highest.get(name) ?? 0, value));
  }

  counted(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Nothing ran is a failure too. */
  get ok(): boolean {
    return this.failed === 0 && this.passed > 0;
  }

  /** Adds everything another tally found, but for its counts, which are of one part. */
  absorb(other: Tally): void {
    this.passed += other.passed;
    this.failed += other.failed;
    this.skipped += other.skipped;
    this.#note(other);
  }

  #note({ failures, skips }: Pick<TallyRecord, "failures" | "skips">): void {
    for (const each of failures) this.failures.push(each);
    for (const each of skips) this.skips.push(each);
  }

  /** Adds everything another tally of the same part found. */
  absorbRound(other: Tally): void {
    this.absorb(other);
    for (const [name, value] of other.#counts) this.count(name, value);
    for (const [name, value] of other.#highest) this.highest(name, value);
  }

  line(part: string, seed: number): string {
    const counts = [...this.#counts, ...this.#highest].map(([name, value]) => `${name}=${value}`);
    const outcome = `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
    return [`${part}:`, ...counts, `seed=${seed}`, outcome].join(" ");
  }
}

/** An error with its stack, its code and its causes. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? ` [${String(error.code)}]` : "";
  const cause = error.cause === undefined ? "" : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${code}${cause}`;
}
