import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  backupDatabase,
  openBeads,
  repair,
  restoreDatabase,
  withDatabaseRead,
  withDatabaseWrite,
  writeRedirect,
  type Beads,
  type Issue,
} from "@flockwork/beads";
import type { DomainOperation } from "./domain-operation.ts";

const at = (directory: string): string => join(directory, ".beads");
const ids = ["bd-one", "bd-two", "bd-three"] as const;

function issue(id: string): Issue {
  const instant = "2026-01-02T03:04:05Z";
  const text = { title: `Issue ${id}`, description: "x".repeat(500) };
  const kind = { status: "open", priority: 2, issue_type: "task" };
  return { id, ...text, ...kind, created_at: instant, updated_at: instant } as Issue;
}

/** Three issues, of which the third waits for the second. */
async function prepare(directory: string): Promise<void> {
  mkdirSync(at(directory), { recursive: true });
  const beads = openBeads(at(directory));
  for (const id of ids) await beads.append(issue(id));
  await beads.addDependency("bd-three", "bd-two");
  await beads.close("bd-three");
  await beads.routes.set({ prefix: "gt-", path: "rig" });
  await beads.dispose();
}

function operation(
  name: string,
  run: (beads: Beads, round: number, directory: string) => unknown,
  more: Partial<DomainOperation> = {},
): DomainOperation {
  return {
    name: `beads: ${name}`,
    prepare,
    async run(directory, round) {
      const beads = openBeads(at(directory));
      try {
        await run(beads, round, at(directory));
      } finally {
        await beads.dispose();
      }
    },
    ...more,
  };
}

async function allButClaims(directory: string): Promise<unknown> {
  const beads = openBeads(at(directory));
  try {
    const issues = await beads.list();
    return issues.map(({ id, title, description, priority, dependencies }) => [
      id,
      title,
      description,
      priority,
      dependencies,
    ]);
  } finally {
    await beads.dispose();
  }
}

async function insert(path: string, row: number): Promise<void> {
  await withDatabaseWrite(path, (rows) => rows.exec(`INSERT INTO issues VALUES (${row})`), { create: true });
}

/** Of a database, what is in its rows: SQLite sees to its syncs. */
function database(name: string, run: (path: string) => unknown): DomainOperation {
  const pathIn = (directory: string): string => join(directory, "beads.db");
  const rowsOf = async (path: string): Promise<unknown> =>
    existsSync(path)
      ? await withDatabaseRead(path, (rows) => rows.prepare("SELECT * FROM issues").all())
      : "none";
  return {
    name: `beads: ${name}`,
    async prepare(directory) {
      const path = pathIn(directory);
      await withDatabaseWrite(path, (rows) => rows.exec("CREATE TABLE issues (id)"), { create: true });
      await insert(path, 1);
      await backupDatabase(path, `${path}.backup`);
      await insert(path, 2);
    },
    run: (directory) => run(pathIn(directory)),
    read: (directory) =>
      Promise.all(["", ".copy", ".backup"].map((ending) => rowsOf(`${pathIn(directory)}${ending}`))),
    durability: "os",
  };
}

/** Every call that changes a `.beads` directory. */
export const beadsOperations: readonly DomainOperation[] = [
  operation("append", (beads, round) => beads.append(issue(`bd-new${round}`))),
  operation("create", (beads, round) => beads.create({ title: `Created ${round}` })),
  operation("create in a new directory", (beads, round) => beads.create({ title: `Created ${round}` }), {
    prepare: (directory) => void mkdirSync(at(directory), { recursive: true }),
  }),
  operation("update", (beads, round) => beads.update("bd-one", { notes: `round ${round}` })),
  operation("batchUpdate", (beads, round) =>
    beads.batchUpdate([
      { id: "bd-one", change: { notes: `round ${round}` } },
      { id: "bd-two", change: { notes: `round ${round}`, status: "in_progress" } },
    ]),
  ),
  operation("close", (beads) => beads.close("bd-one", { reason: "done" })),
  operation("reopen", (beads) => beads.reopen("bd-three")),
  operation("claim", (beads) => beads.claim("bd-one", { actor: "ada" })),
  operation("claimReady", (beads, round) => beads.claimReady({ actor: `actor ${round}` })),
  operation("claim and release", async (beads) => (await beads.claim("bd-one", { actor: "ada" })).release(), {
    // The claim itself is a commit: whoever is killed between the two still has it.
    read: allButClaims,
    leavesNothing: true,
    inSteps: true,
  }),
  operation(
    "claim with a lease, renew",
    async (beads) => (await beads.claim("bd-one", { actor: "ada", leaseMs: 3_600_000 })).renew(),
    { read: allButClaims, leavesNothing: true, inSteps: true },
  ),
  operation("addDependency", (beads) => beads.addDependency("bd-two", "bd-one")),
  operation("removeDependency", (beads) => beads.removeDependency("bd-three", "bd-two")),
  operation("comment", (beads, round) => beads.comment("bd-one", { author: "ada", text: `round ${round}` })),
  operation("compact", (beads) => beads.compact()),
  operation("interactions.append", (beads) =>
    beads.interactions.append({ kind: "note", issue_id: "bd-one", actor: "ada" }),
  ),
  operation("routes.set", (beads, round) => beads.routes.set({ prefix: "gt-", path: `rig-${round}` })),
  operation("routes.remove", (beads) => beads.routes.remove("gt-")),
  operation("writeRedirect", (_, round, directory) => writeRedirect(directory, `../town-${round}`)),
  operation("update by rewriting the whole file", async (_, round, directory) => {
    const beads = openBeads(directory, { writes: "rewrite" });
    await beads.update("bd-one", { notes: `round ${round}` });
    await beads.dispose();
  }),
  database("withDatabaseWrite", (path) => insert(path, 3)),
  database("backupDatabase", (path) => backupDatabase(path, `${path}.copy`)),
  database("restoreDatabase", (path) => restoreDatabase(`${path}.backup`, path)),
  operation("repair", (_, __, directory) => repair(directory), {
    async prepare(directory) {
      await prepare(directory);
      writeFileSync(join(at(directory), "issues.jsonl"), '{"id":"bd-torn","ti', { flag: "a" });
    },
  }),
];
