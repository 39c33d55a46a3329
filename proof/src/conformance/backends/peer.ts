/** Program: a second process under the command of a conformance case. Reads one command a line, answers one line. */
import { createInterface } from "node:readline";
import {
  acquireLock,
  jsonlLog,
  tryAcquireLock,
  updateJson,
  type FileLock,
  type LockOptions,
} from "../../harness/core.ts";

export interface PeerCommand {
  readonly verb: "acquire" | "try" | "release" | "increment" | "append" | "let go";
  readonly path: string;
  readonly mode?: "shared" | "exclusive";
  readonly times?: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as LockOptions;
const held = new Map<string, FileLock>();

async function obey({ verb, path, mode = "exclusive", times = 1 }: PeerCommand): Promise<string> {
  switch (verb) {
    case "acquire":
      held.set(path, await acquireLock(path, mode, { ...options, timeoutMs: 60_000 }));
      return "acquired";
    case "try": {
      const lock = await tryAcquireLock(path, mode, options);
      await lock?.release();
      return lock === undefined ? "busy" : "granted";
    }
    case "let go":
      for (const lock of held.values()) await lock.release();
      held.clear();
      return "let go";
    case "release":
      await held.get(path)?.release();
      return "released";
    case "increment":
      for (let done = 0; done < times; done += 1)
        await updateJson<{ count: number }>(path, (draft) => void (draft.count += 1), {
          ...options,
          timeoutMs: 60_000,
        });
      return "incremented";
    case "append":
      for (let done = 0; done < times; done += 1)
        await jsonlLog(path, { ...options, timeoutMs: 60_000 }).append({ by: process.pid, at: done });
      return "appended";
  }
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  console.log(await obey(JSON.parse(line) as PeerCommand));
}
process.exit(0);
