/** What one process of the tests has compiled, those that come after it need not: of packages run from source that is most of their start. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function (): (() => void) | undefined {
  if (process.env["NODE_COMPILE_CACHE"] !== undefined) return undefined; // a run that started this one removes its own
  const directory = mkdtempSync(join(tmpdir(), "flockwork-compiled-"));
  process.env["NODE_COMPILE_CACHE"] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
