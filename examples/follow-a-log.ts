// Three processes append to one log while this one follows it: each record arrives once, whole, and in its writer's order.
//   ./dev node --conditions=@flockwork/source examples/follow-a-log.ts
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonlLog } from "@flockwork/core";

interface Event {
  readonly writer: number;
  readonly sequence: number;
}

const writers = 3;
const eventsEach = 50;
const [role, logPath = "", writer = ""] = process.argv.slice(2);
await (role === "writer" ? write(logPath, Number(writer)) : demonstrate());

async function write(path: string, number: number): Promise<void> {
  const log = jsonlLog<Event>(path);
  for (let sequence = 1; sequence <= eventsEach; sequence += 1)
    await log.append({ writer: number, sequence });
}

async function demonstrate(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  const path = join(directory, "events.jsonl");
  const next = new Map<number, number>();
  let received = 0;
  let inOrder = true;
  try {
    for (let number = 1; number <= writers; number += 1)
      fork(import.meta.filename, ["writer", path, `${number}`]);
    const events = jsonlLog<Event>(path).follow({ signal: AbortSignal.timeout(30_000) });
    for await (const { record } of events) {
      const expected = next.get(record.writer) ?? 1;
      inOrder &&= record.sequence === expected;
      next.set(record.writer, expected + 1);
      received += 1;
      if (received === writers * eventsEach) break;
    }
    console.log(
      `proof: ${received} of ${writers * eventsEach} records arrived once each, in order: ${inOrder}`,
    );
    process.exitCode = inOrder && received === writers * eventsEach ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
