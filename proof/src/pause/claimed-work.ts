/** Work of the domain packages that one may have at a time, until its lease is over. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBeads, type Issue } from "@flockwork/beads";
import { elect } from "@flockwork/registry";
import { openTasks, type Claim, type ClaimRefusal } from "@flockwork/tasks";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2 } from "@flockwork/tasks/todo2";
import { fileStore, type Fence } from "../harness/core.ts";
import { openQueue } from "../queue/package.ts";

/** What somebody has claimed, renewed in the background. */
export interface Claimed {
  readonly signal: AbortSignal;
  /** Writes under the claim who has it. */
  write(by: string): Promise<unknown>;
  finish(): Promise<unknown>;
}

export interface ClaimedWork {
  prepare(directory: string): unknown;
  /** Undefined where somebody else has it. */
  claim(directory: string, by: string, lease: ClaimOptions): Promise<Claimed | undefined>;
  /** Who wrote last. */
  written(directory: string): Promise<string>;
}

export interface ClaimOptions {
  readonly leaseMs: number;
  /** How long to wait for locks. */
  readonly timeoutMs: number;
}

/** Who has fenced writes to a document beside the claims. */
function note(directory: string) {
  const store = fileStore(directory);
  const document = store.document<{ by: string }>({
    name: "note.json",
    defaults: () => ({ by: "nobody" }),
    durability: "os",
  });
  return {
    store,
    write: (by: string, fence: Fence) => document.update((draft) => void (draft.by = by), { fence }),
    read: async () => (await document.read()).by,
  };
}

/** @param update - Writes into the task who has it, by its claim. */
const ofTask = (
  claim: Claim<unknown> | ClaimRefusal<unknown>,
  update: (claim: Claim<unknown>, by: string) => Promise<unknown>,
): Claimed | undefined =>
  claim.granted
    ? {
        signal: claim.signal,
        write: (by: string) => update(claim, by),
        finish: () => claim.release(),
      }
    : undefined;

const instant = "2026-01-02T03:04:05Z";
const issue = {
  id: "bd-one",
  title: "Only one may have it",
  status: "open",
  priority: 2,
  issue_type: "task",
  created_at: instant,
  updated_at: instant,
} as Issue;

/** By their names. */
export const claimedWork: Readonly<Record<string, ClaimedWork>> = {
  "a job": {
    async prepare(directory) {
      await openQueue(fileStore(directory)).enqueue(
        {},
        { maxAttempts: 1_000, backoff: { kind: "fixed", baseMs: 0 } },
      );
    },
    claim(directory, _by, { leaseMs }) {
      const { store, write } = note(directory);
      const queue = openQueue(store, { leaseMs, durability: "os" });
      return new Promise((resolve) => {
        const worker = queue.worker(
          (_job, { claim, signal }) =>
            new Promise<void>((done) => {
              resolve({
                signal,
                write: (by) => write(by, claim.fence),
                finish: async () => {
                  await claim.complete();
                  done();
                  await worker.stop();
                },
              });
            }),
        );
      });
    },
    written: (directory) => note(directory).read(),
  },
  "a lead": {
    prepare: () => undefined,
    async claim(directory, by, { leaseMs, timeoutMs }) {
      const { store, write } = note(directory);
      const leader = await elect(store, "sweeper", { candidate: by, leaseMs, timeoutMs });
      return {
        signal: leader.lost,
        write: (writer) => write(writer, leader.fence),
        finish: () => leader.resign(),
      };
    },
    written: (directory) => note(directory).read(),
  },
  "a task of FlowForge": {
    prepare(directory) {
      mkdirSync(join(directory, ".flowforge"));
      const tasks = [{ id: 1, title: "nobody", status: "ready" }];
      writeFileSync(join(directory, ".flowforge", "tasks.json"), JSON.stringify({ tasks }));
    },
    async claim(directory, by, lease) {
      const tasks = openTasks(directory);
      const claim = await tasks.claims.claim(1, { holder: `agent:${by}`, ...lease });
      return ofTask(claim, (held, title) => tasks.update(1, { title }, { claim: held }));
    },
    written: async (directory) => (await openTasks(directory).get(1))?.title ?? "",
  },
  "a task of exarp": {
    async prepare(directory) {
      const tasks = openTodo2(directory);
      await tasks.migrate();
      await tasks.create({ id: "T-1", content: "nobody" });
      await tasks.close();
    },
    async claim(directory, by, lease) {
      const tasks = openTodo2(directory);
      const claim = await tasks.claims.claim("T-1", { holder: by, ...lease });
      return ofTask(claim, (held, content) => tasks.update("T-1", { content }, { claim: held }));
    },
    async written(directory) {
      const tasks = openTodo2(directory);
      const task = await tasks.get("T-1");
      await tasks.close();
      return task?.content ?? "";
    },
  },
  "an issue of jit": {
    async prepare(directory) {
      await openJit(directory, { branch: "main" }).create({ title: "one", description: "nobody" });
    },
    async claim(directory, by, lease) {
      const issues = openJit(directory, { branch: "main" });
      const [{ id } = { id: "" }] = await issues.list();
      const claim = await issues.claims.claim(id, { holder: `agent:${by}`, ...lease });
      return ofTask(claim, (held, description) => issues.update(id, { description }, { claim: held }));
    },
    written: async (directory) => (await openJit(directory, { branch: "main" }).list())[0]?.description ?? "",
  },
  "an issue of beads": {
    async prepare(directory) {
      mkdirSync(join(directory, ".beads"));
      const beads = openBeads(join(directory, ".beads"));
      await beads.append(issue);
      await beads.dispose();
    },
    async claim(directory, by, lease) {
      const beads = openBeads(join(directory, ".beads"));
      const claim = await beads.claimReady({ actor: by, graceMs: 100, ...lease });
      return (
        claim && {
          signal: claim.signal,
          write: (notes) => beads.update(claim.id, { notes }, { fence: claim.fence }),
          finish: () => claim.release(),
        }
      );
    },
    async written(directory) {
      const beads = openBeads(join(directory, ".beads"));
      const [found] = await beads.list();
      await beads.dispose();
      return found?.notes ?? "";
    },
  },
};
