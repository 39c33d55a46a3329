import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Milliseconds since this machine began: of all its processes alike. */
export function upMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** Shows, by a file, that nobody else is inside who has the right to be. */
export class Stay {
  readonly #path: string;
  #mine = "";

  /**
   * Whoever is there longer than that lasts, on a machine that does not let it run, is passed over: that is what leases are for,
   * and no fault of theirs.
   * @param askedMs - Before it was asked for, by {@link upMs}. The lease runs from the grant, which may be long heard of by now.
   * @throws {Error} somebody else is inside whose time is not over.
   */
  constructor(path: string, lastsMs: number, askedMs: number) {
    this.#path = path;
    const mine = contentFor(askedMs);
    try {
      writeFileSync(path, mine, { flag: "wx" });
    } catch (cause) {
      const [pid = "", since = ""] = contentOf(path).split(" ");
      const insideMs = upMs() - Number(since);
      if (since !== "" && insideMs < lastsMs)
        throw new Error(`two holders at once: ${pid} asked ${insideMs} ms ago, for ${lastsMs} ms`, { cause });
      writeFileSync(path, mine);
    }
    this.#mine = mine;
  }

  /** It lasts anew. @param askedMs - Before that was asked for. */
  renewed(askedMs: number): void {
    if (!this.#isMine()) return;
    this.#mine = contentFor(askedMs);
    const fresh = `${this.#path}.${process.pid}`;
    writeFileSync(fresh, this.#mine);
    renameSync(fresh, this.#path);
  }

  leave(): void {
    if (this.#isMine()) rmSync(this.#path, { force: true });
  }

  #isMine(): boolean {
    return contentOf(this.#path) === this.#mine;
  }
}

function contentFor(askedMs: number): string {
  return `${process.pid} ${askedMs}`;
}

/** Nothing where there is none, or no more. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
