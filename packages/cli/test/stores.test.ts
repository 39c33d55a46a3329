import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runCli, startCli, useDirectory, type Ended } from "./run-cli.ts";

const at = useDirectory();

/** Runs a command on the store of this test. */
function store(name: string, ...args: readonly string[]): Promise<Ended> {
  const end = args.indexOf("--");
  const where = ["--directory", at()];
  const words = end === -1 ? [...args, ...where] : [...args.slice(0, end), ...where, ...args.slice(end)];
  return runCli(name, ...words);
}

async function json(name: string, ...args: readonly string[]): Promise<unknown> {
  const { out, err, code } = await store(name, ...args, "--json");
  expect({ err, code }).toEqual({ err: "", code: 0 });
  return JSON.parse(out);
}

it("beads: an issue is made, claimed once and closed", async () => {
  const { out } = await store("beads", "create", "Write it \u001b[31mdown", "--priority", "1");
  const id = out.trim();
  expect((await store("beads", "ready")).out).toBe(`${id}  open  p1  Write it \\x1b[31mdown\n`);
  expect(await json("beads", "claim", "--actor", "ann")).toMatchObject({
    id,
    assignee: "ann",
    status: "in_progress",
  });
  expect(await store("beads", "claim")).toMatchObject({ code: 1, out: "nothing is ready\n" });
  await json("beads", "close", id, "--reason", "Done");
  expect(await json("beads", "list", "closed")).toMatchObject([{ id, close_reason: "Done" }]);
  expect(await store("beads", "show", "bd-nope")).toMatchObject({ code: 1 });
});

it("queue: a job is handed to a command on its standard input, and fails with it", async () => {
  await store("queue", "add", '{"to":"ada"}');
  const copy = at("job.json");
  const worked = await store("queue", "work", "--", "sh", "-c", `cat > ${copy}`);
  expect(worked).toMatchObject({ code: 0, err: "" });
  expect(readFileSync(copy, "utf8")).toBe('{"to":"ada"}\n');
  expect(await json("queue", "list", "completed")).toMatchObject([{ payload: { to: "ada" } }]);
  expect(await store("queue", "work", "--", "true")).toMatchObject({ code: 1, out: "no job waits\n" });
  await store("queue", "add", "7");
  expect(await store("queue", "work", "--", "sh", "-c", "exit 9")).toMatchObject({ code: 9 });
  const { completed, delayed, waiting } = (await json("queue", "stats")) as Record<string, number>;
  expect({ completed, again: (delayed ?? 0) + (waiting ?? 0) }).toEqual({ completed: 1, again: 1 }); // it is tried again, soon
});

it("queue: a signal reaches the command, whose job is given back and not left claimed", async () => {
  await store("queue", "add", "1");
  const script = 'trap "exit 7" TERM; echo started >&2; while :; do sleep 0.01; done';
  const { child, ended } = startCli(["queue", "work", "--json", "--", "sh", "-c", script], { cwd: at() });
  await new Promise((resolve) => child.stderr?.once("data", resolve));
  child.kill("SIGTERM");
  const { code, out } = await ended;
  expect([code, JSON.parse(out)]).toEqual([
    7,
    expect.objectContaining({ completed: false, ended: "released" }),
  ]);
  expect(await json("queue", "list")).toMatchObject([{ state: "waiting", attempts: 0 }]);
  expect(await store("queue", "work", "--", "sh", "-c", "kill -KILL $$")).toMatchObject({ code: 137 });
  expect(await json("queue", "list")).toMatchObject([{ attempts: 1 }]);
});

it("tasks: a claim is one process's, and is given back with its token", async () => {
  await store("tasks", "create", "Build it", "--priority", "high");
  const [task] = (await json("tasks", "list")) as [{ id: number }];
  const id = String(task.id);
  const claim = (await json("tasks", "claim", "--holder", "one")) as { token: string };
  expect(await store("tasks", "claim", id, "--holder", "two")).toMatchObject({
    code: 1,
    out: expect.stringContaining("one"),
  });
  await json("tasks", "release", id, "--holder", "one", "--token", claim.token);
  await json("tasks", "status", id, "completed");
  expect(await json("tasks", "show", id)).toMatchObject({ status: "completed" });
  expect(await store("tasks", "status", id, "wonderful")).toMatchObject({ code: 2 });
});

it("time: a timer is started and stopped, and its time reported", async () => {
  mkdirSync(at(".flowforge"));
  await json("time", "start", "142", "--actor", "ada");
  expect((await store("time", "status")).out).toMatch(/^runs {2}142 {2}ada/);
  expect(await store("time", "start", "143", "--actor", "ada")).toMatchObject({
    code: 3,
    err: expect.stringContaining("ERR_TIMER_RUNNING"),
  });
  await json("time", "stop", "--actor", "ada");
  expect((await store("time", "entries")).out).toContain("142  ada");
  expect((await store("time", "report")).out).toMatch(/^142 {2}\S+ \w+\ntotal {2}/);
});

it("registry: machines come and go, and nobody is dead who was never there", async () => {
  await json("registry", "add", "builder", "--host", "me@builder.example");
  expect((await store("registry", "machines")).out).toContain("builder  ssh  me@builder.example\n");
  await json("registry", "remove", "builder");
  expect((await store("registry", "machines")).out).not.toContain("builder");
  expect(await store("registry", "agents")).toMatchObject({ code: 0, out: "no agents\n" });
  expect(await store("registry", "why-dead", "town/nux")).toMatchObject({ code: 1 });
  expect(await store("registry", "sweep")).toMatchObject({ code: 0, out: "nobody is dead\n" });
});

it("a verb that does not exist, or lacks its arguments, is refused before anything is done", async () => {
  writeFileSync(at("untouched"), "");
  for (const words of [
    ["tasks"],
    ["tasks", "toString"],
    ["tasks", "status", "7"],
    ["queue", "work"],
    ["beads", "list", "a", "b"],
  ])
    expect(await store(words[0] ?? "", ...words.slice(1))).toMatchObject({ code: 2, out: "" });
});
