// A process is killed while it holds a lock, after it wrote half a line: the next one gets in, and nothing complete is lost.
//   ./dev node --conditions=@flockwork/source examples/crash-and-recover.ts
import { fork } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendJsonl, inspectLock, jsonlLog, withWriteLock } from "@flockwork/core";

const [role, heldPath = ""] = process.argv.slice(2);
await (role === "victim" ? holdForEver(heldPath) : demonstrate());

async function holdForEver(path: string): Promise<void> {
  await appendJsonl(path, { id: 1, text: "complete" });
  await withWriteLock(path, async () => {
    appendFileSync(path, '{"id":2,"text":"half a li');
    process.send?.("holding");
    await new Promise(() => setInterval(() => {}, 1_000)); // busy, until it is killed
  });
}

async function demonstrate(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  const path = join(directory, "events.jsonl");
  try {
    const victim = fork(import.meta.filename, ["victim", path]);
    await once(victim, "message");
    console.log(`the lock is held: ${inspectLock(path).held}`);

    const append = appendJsonl(path, { id: 3, text: "after the crash" }); // waits for the lock
    const killedAt = performance.now();
    victim.kill("SIGKILL");
    const { quarantined } = await append;
    console.log(`the next append returned ${(performance.now() - killedAt).toFixed(1)} ms after the kill`);

    const ids = (await jsonlLog<{ id: number }>(path).read()).map(({ id }) => id);
    const halfLine = quarantined === undefined ? "" : readFileSync(quarantined.path, "utf8");
    console.log(`proof: records ${ids.join(" and ")} are there; the half line was kept aside: ${halfLine}`);
    process.exitCode = ids.join() === "1,3" && halfLine.includes('"id":2') ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
