/** One program of the beads rows. Arguments: what it does, the `.beads` directory. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openBeads } from "@flockwork/beads";
// @ts-expect-error -- it brings no types
import properLockfile from "proper-lockfile";
import { answerLines, costOf } from "../../workers/line-server.ts";

const [role = "", directory = ""] = process.argv.slice(2);
const path = join(directory, "issues.jsonl");
const at = "2026-01-01T00:00:00Z";
const issueOf = (id: string): Parameters<ReturnType<typeof openBeads>["append"]>[0] => ({
  id,
  title: "One more",
  description: "x".repeat(700),
  status: "open",
  priority: 2,
  issue_type: "task",
  created_at: at,
  updated_at: at,
});
let made = 0;
const nextId = (): string => `bd-new-${process.pid}-${(made += 1)}`;

const roles: Readonly<Record<string, () => (order: string) => unknown>> = {
  /** Opens everything anew for each line. */
  open: () => async () => {
    const before = process.memoryUsage.rss();
    const cost = await costOf(1, async () => {
      if ((await openBeads(directory).get("bd-1")) === undefined) throw new Error("nothing was read");
    });
    const rssBytes = process.memoryUsage.rss();
    return { ...cost, rssBytes, addedBytes: rssBytes - before };
  },
  parse: () => async () =>
    await costOf(1, () => {
      const lines = readFileSync(path, "utf8").split("\n");
      const issues = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as { id: string });
      if (issues.length === 0) throw new Error("nothing was read");
    }),
  /** Keeps issues open; each line asks what is ready. */
  ready: () => {
    const beads = openBeads(directory);
    return async () => {
      const cost = await costOf(1, () => beads.ready());
      return { ...cost, issues: (await beads.stats()).total };
    };
  },
  /** Each line is a number of updates of one issue. */
  update: () => {
    const beads = openBeads(directory);
    return async (order) => {
      const count = Number(order);
      return await costOf(count, async () => {
        for (let n = 0; n < count; n += 1) await beads.update("bd-1", { title: `title ${(made += 1)}` });
      });
    };
  },
  append: () => {
    const beads = openBeads(directory);
    return async (order) => await appends(order, () => beads.append(issueOf(nextId())));
  },
  "proper-lockfile": () => async (order) =>
    await appends(order, async () => {
      const release = await properLockfile.lock(path, {
        retries: { forever: true, minTimeout: 1, maxTimeout: 1, factor: 1 },
      });
      const fd = openSync(path, "a");
      writeSync(fd, `${JSON.stringify(issueOf(nextId()))}\n`);
      fsyncSync(fd);
      closeSync(fd);
      await release();
    }),
};

async function appends(order: string, append: () => Promise<unknown>): Promise<{ readonly appends: number }> {
  const [word = "", amount = "0"] = order.split(" ");
  let done = 0;
  const endAt = word === "for" ? performance.now() + Number(amount) * 1_000 : Infinity;
  for (; word === "for" ? performance.now() < endAt : done < Number(word); done += 1) await append();
  return { appends: done };
}

const start = roles[role];
if (start === undefined) throw new Error(`no role ${role}`);
await answerLines(start());
