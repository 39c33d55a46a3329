/** Claims of tasks in exarp's database. Arguments: directory, way, agents at once. A line is claims: each of another task, then freed. */
import { join } from "node:path";
import { openTodo2 } from "@flockwork/tasks/todo2";
import { answerLines, costOf } from "./line-server.ts";
import { openSqlite } from "./sqlite-document.ts";

const [directory = "", way = "ours", agents = "1"] = process.argv.slice(2);
const count = 2_000;
const todo2 = openTodo2(directory);
await todo2.migrate();
await Promise.all(
  Array.from({ length: count }, (_, at) => todo2.create({ id: `T-${at + 1}`, content: "work" })),
);
const driver = way === "better-sqlite3" ? "better-sqlite3" : "node:sqlite";
const database = openSqlite(join(directory, ".todo2/todo2.db"), "NORMAL", driver);
database.exec("PRAGMA foreign_keys = ON");

const claim = database.prepare(
  `UPDATE tasks SET assignee = ?, assigned_at = ?, lock_until = ?, status = 'In Progress', version = version + 1
   WHERE id = ? AND status IN ('Todo', 'In Progress') AND (assignee IS NULL OR assignee = '' OR lock_until IS NULL OR lock_until <= ?)`,
);
const select = database.prepare("SELECT version FROM tasks WHERE id = ?");

/** As one would write it by hand: a transaction for each claim. */
function claimByHand(id: string, agent: string): void {
  const now = Math.floor(Date.now() / 1_000);
  database.exec("BEGIN IMMEDIATE");
  if (Number(claim.run(agent, now, now + 1_800, id, now).changes) !== 1)
    throw new Error(`${id} was not free`);
  select.get(id);
  database.exec("COMMIT");
}

async function agent(name: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const outcome = await todo2.claims.claim(id, { holder: name, keep: false });
    if (!outcome.granted) throw new Error(outcome.message);
  }
}

await answerLines(async (line) => {
  const ids = Array.from({ length: Math.min(count, Number(line)) }, (_, at) => `T-${at + 1}`);
  const shares = Array.from({ length: Number(agents) }, (_, at) =>
    ids.filter((_id, index) => index % Number(agents) === at),
  );
  const cost = await costOf(ids.length, async () => {
    if (way === "ours") await Promise.all(shares.map((share, at) => agent(`agent-${at}`, share)));
    else for (const id of ids) claimByHand(id, "agent");
  });
  const { held } = database
    .prepare("SELECT count(*) AS held FROM tasks WHERE assignee IS NOT NULL")
    .get() as unknown as { held: number };
  if (held !== ids.length) throw new Error(`${ids.length - held} claims lost`);
  database.exec("UPDATE tasks SET assignee = NULL, assigned_at = NULL, lock_until = NULL, status = 'Todo'");
  return cost;
});
