/**
 * Opens a file that is there, uses it once, and says how much memory that took at most. Arguments: `document` or `log`, the file.
 * A document is read and updated; a line is appended to a log, and all of it read, entry by entry.
 */
import { jsonDocument, jsonlLog } from "@flockwork/core";
import { answerLines } from "../../workers/line-server.ts";
import type { TenKilobytes } from "../../workers/ten-kilobytes.ts";

const [role = "", path = ""] = process.argv.slice(2);

const roles: Readonly<Record<string, () => Promise<void>>> = {
  async document() {
    const document = jsonDocument<TenKilobytes>(path, { durability: "os" });
    await document.update((draft) => void (draft.counter += 1));
  },
  async log() {
    const log = jsonlLog<{ readonly type: string }>(path, { durability: "os" });
    await log.append({ type: "note" });
    let last: string | undefined;
    for await (const { record } of log.entries()) last = record.type;
    if (last !== "note") throw new Error("the line that was appended is not the last one");
  },
};

const use = roles[role];
if (use === undefined) throw new RangeError(`no role ${role}`);
await answerLines(async () => {
  const before = process.memoryUsage.rss();
  await use();
  return { addedBytes: process.resourceUsage().maxRSS * 1_024 - before };
});
