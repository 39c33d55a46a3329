/** Reading as `node:fs` reads, for the calls that stand in for it. */
import { readFileSync as readNow } from "node:fs";
import { readFile as readLater } from "node:fs/promises";

export const readWholeFile: (path: string, signal: AbortSignal | undefined) => Promise<Buffer> = (
  path,
  signal,
) => readLater(path, signal === undefined ? {} : { signal });

export const readWholeFileSync: (path: string) => Buffer = (path) => readNow(path);
