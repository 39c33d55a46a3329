import { inspectLock } from "@flockwork/core";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { detectEra, openBeads, repair, type Issue } from "../src/index.ts";
import { beadsDirectory } from "./support/directory.ts";
import { issueOf } from "./support/issues.ts";

const read = (directory: string): string => readFileSync(join(directory, "issues.jsonl"), "utf8");
const idsIn = (text: string): string[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { id: string }).id);

/** Looks for a file until it is there or the test is over. */
async function appears(path: string): Promise<void> {
  let isOver = false;
  onTestFinished(() => void (isOver = true));
  while (!isOver && !existsSync(path)) await delay(5);
}

/** The daemon of bd holds this lock for life. */
async function runningDaemon(directory: string): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const daemon = spawn("flock", [join(directory, "daemon.lock"), "sh", "-c", "echo up; read end"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void daemon.kill());
  await once(daemon.stdout, "data");
  return daemon;
}

/** What a cycle does that began before it could see our lock. */
function writeAsDaemon(path: string, issues: readonly Issue[]): void {
  writeFileSync(`${path}.export`, issues.map((issue) => `${JSON.stringify(issue)}\n`).join(""));
  renameSync(`${path}.export`, path);
}

describe("eras", () => {
  it("are told from what lies in the directory, and nothing is made by looking", async () => {
    const directory = beadsDirectory();
    expect(await detectEra(join(directory, "none"))).toMatchObject({ era: "jsonl", oneLineEach: false });
    writeFileSync(join(directory, "config.yaml"), "no-db: true\n");
    expect(await detectEra(directory)).toMatchObject({ era: "jsonl", oneLineEach: true });
    writeFileSync(join(directory, "beads.db"), "");
    expect(await detectEra(directory)).toMatchObject({ era: "sqlite", oneLineEach: true });
    writeFileSync(join(directory, "metadata.json"), '{"backend":"dolt"}');
    expect(await detectEra(directory)).toMatchObject({ era: "dolt" });
    writeFileSync(join(directory, "metadata.json"), "{");
    await expect(detectEra(directory)).rejects.toMatchObject({ code: "ERR_DOCUMENT_CORRUPT" });
    expect(existsSync(join(directory, "issues.jsonl"))).toBe(false);
  });

  it("beside a SQLite database the file is written whole, one line for each issue, sorted by id, under bd's locks", async () => {
    const directory = beadsDirectory();
    writeFileSync(join(directory, "beads.db"), "");
    writeFileSync(
      join(directory, "issues.jsonl"),
      ["bd-c", "bd-a"].map((id) => `${JSON.stringify(issueOf(id))}\n`).join(""),
    );
    const beads = openBeads(directory);
    let during: readonly boolean[] = [];
    await beads.update("bd-c", () => {
      during = [
        inspectLock(join(directory, "issues.jsonl"), { layout: "beads" }).held,
        existsSync(join(directory, ".exclusive-lock")),
        existsSync(join(directory, ".sync.lock")),
        existsSync(join(directory, ".jsonl.lock")),
        existsSync(join(directory, ".gastown/locks/issues.jsonl.lock")),
      ];
      return { title: "changed" };
    });
    expect(during).toEqual([true, true, true, true, true]);
    expect(existsSync(join(directory, ".exclusive-lock"))).toBe(false);
    expect(idsIn(read(directory))).toEqual(["bd-a", "bd-c"]);
    await Promise.all(["bd-d", "bd-b"].map((id) => beads.create({ title: id, id })));
    await beads.append(issueOf("bd-a", { title: "again" }));
    expect(idsIn(read(directory))).toEqual(["bd-a", "bd-b", "bd-c", "bd-d"]);
    expect(await beads.get("bd-a")).toMatchObject({ title: "again" });
  });

  it.runIf(process.platform === "linux")(
    "beside a running daemon a write waits one of its intervals, and keeps what a cycle under way exported meanwhile",
    async () => {
      const directory = beadsDirectory();
      const path = join(directory, "issues.jsonl");
      writeFileSync(join(directory, "beads.db"), "");
      writeFileSync(path, `${JSON.stringify(issueOf("bd-a"))}\n`);
      const daemon = await runningDaemon(directory);
      const beads = openBeads(directory, { daemonIntervalMs: 2_000 });
      const updated = beads.update("bd-a", { title: "ours" });
      await Promise.race([updated, appears(join(directory, ".exclusive-lock"))]);
      writeAsDaemon(path, [issueOf("bd-a"), issueOf("bd-daemon")]);
      await updated;
      expect((await beads.list()).map(({ id, title }) => [id, title])).toEqual([
        ["bd-a", "ours"],
        ["bd-daemon", "Title of bd-daemon"],
      ]);
      const stop = new AbortController();
      const waiting = beads.update("bd-a", { title: "late" }, { signal: stop.signal });
      await Promise.race([waiting, appears(join(directory, ".exclusive-lock"))]);
      stop.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
      expect(await beads.get("bd-a")).toMatchObject({ title: "ours" });
      daemon.stdin.end();
      await once(daemon, "exit");
      expect(readdirSync(directory).toSorted()).toEqual(
        [".gastown", ".jsonl.lock", ".sync.lock", "beads.db", "daemon.lock", "issues.jsonl"].toSorted(),
      );
    },
  );

  it.runIf(process.platform === "linux")("so does a repair", async () => {
    const directory = beadsDirectory();
    const path = join(directory, "issues.jsonl");
    writeFileSync(join(directory, "beads.db"), "");
    writeFileSync(path, `${JSON.stringify(issueOf("bd-a"))}\nno line\n`);
    await runningDaemon(directory);
    const repaired = repair(directory, { daemonIntervalMs: 2_000 });
    await Promise.race([repaired, appears(join(directory, ".exclusive-lock"))]);
    writeAsDaemon(path, [issueOf("bd-daemon")]);
    expect(await repaired).toMatchObject({ changed: false, quarantined: [] });
    expect(idsIn(read(directory))).toEqual(["bd-daemon"]);
  });

  it("of changes that are written together, one that fails fails alone", async () => {
    const directory = beadsDirectory();
    writeFileSync(join(directory, "beads.db"), "");
    const beads = openBeads(directory);
    const results = await Promise.allSettled([
      beads.create({ title: "a", id: "bd-a" }),
      beads.create({ title: "b", id: "bd-a" }),
      beads.update("bd-none", {}),
      beads.create({ title: "c", id: "bd-c" }),
    ]);
    expect(
      results.map((result) => (result.status === "rejected" ? (result.reason as { code: string }).code : "")),
    ).toEqual(["", "ERR_BEAD_EXISTS", "ERR_BEAD_NOT_FOUND", ""]);
    expect(idsIn(read(directory))).toEqual(["bd-a", "bd-c"]);
  });
});
