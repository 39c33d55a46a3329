/**
 * Issues of a jit repository. Arguments: directory, way, what (`create`, `update`), callers at once. A line is operations per caller,
 * answered with what they cost, and with the titles that were acknowledged last.
 * `global` does the same writes under one lock for everything.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile, withWriteLock } from "@flockwork/core";
import { openJit } from "@flockwork/tasks/jit";
import { answerLines, costOf, type Cost } from "./line-server.ts";

const [directory = "", way = "ours", what = "create", callers = "1"] = process.argv.slice(2);
const data = join(directory, ".jit");
const jit = openJit(directory, { branch: "main" });
const wait = { timeoutMs: 120_000 };
mkdirSync(join(data, "issues"), { recursive: true });

interface Index {
  readonly schema_version: number;
  readonly all_ids: readonly string[];
  readonly deleted_ids: readonly string[];
}
const global = join(data, "everything");
const path = (id: string): string => join(data, `issues/${id}.json`);
const json = (value: unknown): string => JSON.stringify(value, null, 2);

async function createGlobally(title: string): Promise<string> {
  const id = randomUUID();
  const now = new Date().toISOString();
  const issue = {
    id,
    title,
    description: "",
    state: "backlog",
    priority: "normal",
    assignee: null,
    dependencies: [],
    gates_required: [],
    gates_status: {},
    context: {},
    documents: [],
    labels: [],
    created_at: now,
    updated_at: now,
  };
  await withWriteLock(
    global,
    async () => {
      const index = join(data, "index.json");
      const before = existsSync(index)
        ? (JSON.parse(readFileSync(index, "utf8")) as Index)
        : { schema_version: 2, all_ids: [], deleted_ids: [] };
      await replaceFile(path(id), json(issue));
      await replaceFile(index, json({ ...before, all_ids: [...before.all_ids, id] }));
    },
    wait,
  );
  return id;
}

function updateGlobally(id: string, title: string): Promise<void> {
  return withWriteLock(
    global,
    async () => {
      const issue = JSON.parse(readFileSync(path(id), "utf8")) as object;
      await replaceFile(path(id), json({ ...issue, title, updated_at: new Date().toISOString() }));
    },
    wait,
  );
}

const create = async (title: string): Promise<string> =>
  way === "ours" ? (await jit.create({ title }, wait)).issue.id : createGlobally(title);

const own =
  what === "update"
    ? await Promise.all(Array.from({ length: Number(callers) }, (_, at) => create(`own ${at}`)))
    : [];
let done = 0;

export interface Titled extends Cost {
  /** By the issue's id. */
  readonly titles: Readonly<Record<string, string>>;
}

await answerLines(async (line): Promise<Titled> => {
  const each = Number(line);
  const titles: Record<string, string> = {};
  const work = async (caller: number): Promise<void> => {
    for (let at = 0; at < each; at += 1) {
      const title = `${caller} ${(done += 1)}`;
      const id = what === "create" ? await create(title) : (own[caller] ?? "");
      if (what === "update")
        await (way === "ours" ? jit.update(id, { title }, wait) : updateGlobally(id, title));
      titles[id] = title;
    }
  };
  const cost = await costOf(each * Number(callers), () =>
    Promise.all(Array.from({ length: Number(callers) }, (_, caller) => work(caller))),
  );
  return { ...cost, titles };
});
