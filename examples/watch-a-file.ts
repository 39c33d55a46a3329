// One process changes a document, another watches it: every state it sees is complete, and it sees the last one.
//   ./dev node --conditions=@flockwork/source examples/watch-a-file.ts
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonDocument, updateJson } from "@flockwork/core";

interface Build {
  step: number;
  status: string;
}

const steps = 5;
const [role, buildPath = ""] = process.argv.slice(2);
await (role === "builder" ? build(buildPath) : demonstrate());

async function build(path: string): Promise<void> {
  for (let step = 1; step <= steps; step += 1) {
    await updateJson<Build>(path, (draft) => {
      draft.step = step;
      draft.status = step === steps ? "done" : "running";
    });
  }
}

async function demonstrate(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  const document = jsonDocument<Build>(join(directory, "build.json"));
  try {
    await document.write({ step: 0, status: "waiting" });
    fork(import.meta.filename, ["builder", document.path]);
    const seen: number[] = [];
    for await (const { value } of document.watch({ signal: AbortSignal.timeout(30_000) })) {
      seen.push(value.step);
      console.log(`step ${value.step}: ${value.status}`);
      if (value.status === "done") break;
    }
    const ordered = seen.every((step, index) => index === 0 || step > (seen[index - 1] ?? 0));
    console.log(
      `proof: saw ${seen.length} states, in order: ${ordered}, the last one is step ${seen.at(-1)}`,
    );
    process.exitCode = ordered && seen.at(-1) === steps ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
