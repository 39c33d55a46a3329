/** What became of runs that failed: a peer's are its fault, and told beside its figures; one of ours ends the measurement. */
export class Failures {
  readonly #reasons = new Map<string, string>();
  readonly #ours: ReadonlySet<string>;

  /** @param ours - Names of contenders that must not fail. */
  constructor(...ours: readonly string[]) {
    this.#ours = new Set(ours);
  }

  /** Makes one run. Undefined where it failed. */
  async of<R>(who: string, run: () => Promise<R>): Promise<R | undefined> {
    try {
      return await run();
    } catch (error) {
      if (this.#ours.has(who)) throw error;
      this.#reasons.set(who, reasonOf(error));
      return undefined;
    }
  }

  faultsOf(who: string): readonly string[] {
    const reason = this.#reasons.get(who);
    return reason === undefined ? [] : [`a run failed: ${reason}`];
  }
}

/** The line that names the error; without the names of files of this run. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split("\n");
  const line = lines.findLast((each) => /Error:/.test(each))?.trim() ?? lines.at(-1) ?? "";
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
