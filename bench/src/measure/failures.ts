/** What became of contenders that broke, or that this machine lacks. */
import { MissingHereError } from "./baselines.ts";
import { disturbance, type Rounds } from "./rounds.ts";
import type { Measurement } from "./row.ts";

/** Of a row: what broke or is missing, of ours and of what it is held against. */
export type Between = Required<
  Pick<Measurement, "faults" | "missing" | "baselineFaults" | "baselineMissing">
>;

/**
 * What fails is the fault of who failed: it is told beside its figures and in its own rows, and the others are measured all the same.
 * Who failed is not asked again, for an answer that does not come takes minutes each time.
 */
export class Failures {
  readonly #faults = new Map<string, string>();
  readonly #missing = new Map<string, string>();
  readonly #say: (text: string) => void;

  /** @param say - Is told of each, at once. */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Makes one run. Undefined where it fails, and for whoever failed before. */
  async of<R>(who: string, run: () => R | Promise<R>): Promise<R | undefined> {
    if (this.#faults.has(who) || this.#missing.has(who)) return undefined;
    try {
      return await run();
    } catch (error) {
      const isMissing = error instanceof MissingHereError;
      const reason = isMissing ? error.message : `a run failed: ${reasonOf(error)}`;
      (isMissing ? this.#missing : this.#faults).set(who, reason);
      this.#say(`${who} ${isMissing ? "SKIPPED" : "FAILED"}: ${reason}`);
      return undefined;
    }
  }

  /** Each of these runs, made so. */
  guard<Name extends string, Figure>(
    runs: Readonly<Record<Name, () => Figure | Promise<Figure>>>,
  ): Record<Name, () => Promise<Figure | undefined>> {
    return mapValues(runs, (run, who) => () => this.of(who, run));
  }

  faultsOf(who: string): readonly string[] {
    return [this.#faults.get(who) ?? []].flat();
  }

  /** What it needs and this machine lacks. */
  missingOf(who: string): string | undefined {
    return this.#missing.get(who);
  }

  /** What a row tells of these two, by the names that they were run by; a goal of ours alone has no other. */
  between(ours: string, baseline = ""): Between {
    return {
      faults: this.faultsOf(ours),
      missing: this.missingOf(ours),
      baselineFaults: this.faultsOf(baseline),
      baselineMissing: this.missingOf(baseline),
    };
  }
}

/** The figures of the runs that did not fail. */
export function ended<Name extends string, Figure>(
  rounds: Rounds<Name, Figure | undefined>,
): Rounds<Name, Figure> {
  const runs = mapValues<Name, (Figure | undefined)[], Figure[]>(rounds, (figures) =>
    figures.filter((each) => each !== undefined),
  );
  return { ...runs, [disturbance]: rounds[disturbance] };
}

function mapValues<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  change: (value: From, name: Name) => To,
): Record<Name, To> {
  const entries = Object.entries(record) as [Name, From][];
  return Object.fromEntries(entries.map(([name, value]) => [name, change(value, name)])) as Record<Name, To>;
}

/** The line that names the error; without the names of files of this run. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split("\n");
  const line = lines.findLast((each) => /Error:/.test(each))?.trim() ?? lines[0] ?? "";
  return line.replace(/^\[/, "").replace(/, open '.*|\] \{$/, "");
}

/** As a fault of a row: none, where nothing was lost. */
export function lossOf(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what} lost`];
}

/** Whether a run lost something: then its round is kept, whatever others had of it. */
export function hasLost(figure: { readonly lost: number } | undefined): boolean {
  return figure !== undefined && figure.lost !== 0;
}
