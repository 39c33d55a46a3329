// Two processes count in one JSON file. With readFile and writeFile they would overwrite each other's work.
//   ./dev node --conditions=@flockwork/source examples/two-writers-one-file.ts
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonDocument, type JsonDocument } from "@flockwork/core";

const updatesEach = 100;
const [role, counterPath = ""] = process.argv.slice(2);
await (role === "writer" ? write(counterPath) : demonstrate());

async function write(path: string): Promise<void> {
  const counter = openCounter(path);
  for (let update = 0; update < updatesEach; update += 1) {
    await counter.update((draft) => {
      draft.count += 1;
    });
  }
}

async function demonstrate(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  const path = join(directory, "counter.json");
  try {
    const writers = [1, 2].map(() => fork(import.meta.filename, ["writer", path]));
    await Promise.all(writers.map((writer) => once(writer, "exit")));
    const { count } = await openCounter(path).read();
    console.log(`proof: 2 processes made ${2 * updatesEach} updates, the file says ${count}`);
    process.exitCode = count === 2 * updatesEach ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function openCounter(path: string): JsonDocument<{ count: number }> {
  return jsonDocument<{ count: number }>(path, { defaults: () => ({ count: 0 }) });
}
