import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Milliseconds since this machine began: of all its processes alike. */
function upMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/**
 * Shows, by a file, that nobody else is inside who has the right to be. Whoever stays longer than that lasts, on a machine that
 * does not let it run, is passed over: that is what leases are for, and no fault of theirs.
 * @returns the way out.
 */
export function enterFor(path: string, lastsMs: number): () => void {
  const mine = `${process.pid} ${upMs()}`;
  try {
    writeFileSync(path, mine, { flag: "wx" });
  } catch (cause) {
    const [pid = "", since = ""] = contentOf(path).split(" ");
    if (since !== "" && upMs() - Number(since) <= lastsMs)
      throw new Error(`two holders at once: ${pid} has been inside for ${upMs() - Number(since)} ms`, {
        cause,
      });
    writeFileSync(path, mine);
  }
  return () => {
    if (contentOf(path) === mine) rmSync(path, { force: true });
  };
}

/** Nothing where there is none, or no more. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
