// What a TypeScript user writes: every door typed, nothing `any`.
import {
  jsonDocument,
  type DocumentReceipt,
  type JsonDocument,
  type LockOptions,
  type Metrics,
  metrics,
} from "@flockwork/core";
import { readJson, writeFileSync } from "@flockwork/core/fs";
import { openBeads, type Beads } from "@flockwork/beads";
import { prometheusText } from "@flockwork/otel/prometheus";
import { openQueue, type Job } from "@flockwork/queue";
import { fileStore } from "@flockwork/core";
import { agentRegistry } from "@flockwork/registry";
import { openTasks } from "@flockwork/tasks";
import { openTimeTracking } from "@flockwork/time-tracking";

interface State {
  runs: number;
}
const options: LockOptions = { timeoutMs: 5_000, layout: "sidecar" };
const document: JsonDocument<State> = jsonDocument<State>("typed.json", {
  defaults: () => ({ runs: 0 }),
  ...options,
});
const receipt: DocumentReceipt<State> = await document.update((draft) => {
  draft.runs += 1;
});
// @ts-expect-error a misspelt field is an error, so the types are not `any`
await document.update((draft) => void (draft.ruins += 1));
const beads: Beads = openBeads(".beads");
const counted: Metrics = metrics();
const page: string = await prometheusText();
const job: Job<{ to: string }, string> | undefined = await openQueue<{ to: string }, string>(
  fileStore("."),
).get("none");
console.log(
  receipt.changed,
  beads,
  counted.lock.held,
  page.length,
  job?.payload.to,
  await readJson<State>("typed.json"),
);
console.log(agentRegistry(fileStore("state")), openTasks("."), openTimeTracking("."), writeFileSync);
