import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTasks } from "../../src/index.ts";
import { providerBridge } from "../../src/flowforge.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

function project(tasks: readonly object[] = [], rest: object = {}): string {
  const directory = temporaryDirectory();
  place(directory, ".flowforge/tasks.json", { tasks, ...rest, version: "2.0.0" });
  return directory;
}

const three = [
  { id: 1, title: "Design", status: "completed", priority: "high" },
  { id: 214, title: "Fix sessions", description: "They break", status: "ready", priority: "critical" },
  { id: 3, title: "Write it down", status: "in-progress", dependencies: [214] },
];

async function says(directory: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await providerBridge(args, { directory });
  return exitCode === 0 ? stdout : `${exitCode} ${stdout}${stderr}`;
}

describe("FlowForge's provider bridge", () => {
  it("lists, finds and verifies tasks in the formats that FlowForge's commands read", async () => {
    const directory = project(three);
    expect(await says(directory, "list-tasks", "--format=simple")).toBe("1\n214\n3\n");
    expect(await says(directory, "list-tasks", "--status=in_progress", "--format=text")).toBe(
      "#3: Write it down [in-progress]\n",
    );
    expect(await says(directory, "list-tasks", "--priority=high", "--format=markdown")).toBe(
      "- [x] #1: Design [completed]\n",
    );
    expect(JSON.parse(await says(directory, "aggregate-tasks", "--status=ready"))).toEqual([three[1]]);
    expect(await says(directory, "search-tasks", "--query=BREAK", "--format=simple")).toBe("214\n");
    expect(JSON.parse(await says(directory, "get-task", "--id=214"))).toEqual(three[1]);
    expect(await says(directory, "verify-task", "--id=214")).toBe("ready\n");
    expect(await says(directory, "verify-task", "--id=9")).toBe("1 NOT_FOUND\n");
    expect(await says(directory, "list-tasks", "--status=blocked", "--format=simple")).toBe("");
    expect(JSON.parse(await says(directory, "get-provider"))).toMatchObject({ type: "json", enabled: true });
  });

  it("creates and updates tasks; values are taken as they are, whatever a shell would make of them", async () => {
    const directory = project(three);
    const title = 'a $(rm -rf /) `b` <c> | "d" ; é=1\nsecond line';
    const created = JSON.parse(
      await says(directory, "create-task", `--title=${title}`, "--status=ready", "--labels=bug, urgent"),
    ) as { id: number };
    expect(created).toMatchObject({ id: 215, title, status: "ready", labels: ["bug", "urgent"] });
    await says(directory, "update-task", "--id=215", "--status=completed", "--actualHours=1.5");
    expect(await openTasks(directory).get(215)).toMatchObject({
      title,
      status: "completed",
      actualHours: 1.5,
      completedAt: expect.any(String) as unknown,
    });
  });

  it("says what is wrong in FlowForge's words, exits with 1, and changes nothing", async () => {
    const directory = project(three);
    const before = readFileSync(join(directory, ".flowforge/tasks.json"), "utf8");
    for (const [args, expected] of [
      [["get-task", "--id=999"], /^1 ❌ Failed to get task: Task not found$/m],
      [["update-task", "--id=999", "--status=ready"], /^1 ❌ Failed to update task: Task not found$/m],
      [["update-task", "--status=ready"], /Task ID required/],
      [["create-task"], /^1 ❌ Task title required \(--title=<title>\)$/m],
      [["create-task", "--title=x", "--dependencies=999"], /has no 999/],
      [["update-task", "--id=214", "--dependencies=3"], /wait for each other/],
      [["update-task", "--id=214", "--status=lost"], /status must be one of/],
      [["update-task", "--id=214", "--actualHours=many"], /--actualHours must be a number/],
      [["list-tasks", "--provider=github"], /Failed to get provider 'github': Provider not configured/],
      [["list-tasks", "--stauts=ready"], /Unknown option --stauts/],
      [["list-tasks", "--format=xml"], /Unknown format 'xml'/],
      [["list-tasks", "ready"], /Expected --name=value/],
      [["drop-tasks"], /Unknown action 'drop-tasks'/],
      [["toString"], /Unknown action/],
      [["start-tracking", "--id=214"], /@flockwork\/time-tracking/],
    ] as const)
      expect(await says(directory, ...args), args.join(" ")).toMatch(expected);
    expect(readFileSync(join(directory, ".flowforge/tasks.json"), "utf8")).toBe(before);
    place(directory, ".flowforge/tasks.json", "# Tasks\n- [ ] one\n");
    expect(await says(directory, "list-tasks")).toMatch(/^1 ❌ .*tasks\.json/);
  });

  it("gives the next task by the file's implementation order, passing over what waits or is done", async () => {
    const metadata = { v2_2_0_implementation_order: [1, 3, 7, "214"] };
    const directory = project([...three, { id: 7, title: "Later", status: "pending", priority: "low" }], {
      metadata,
    });
    expect(await says(directory, "get-next-task", "--format=simple")).toBe("7\n");
    expect(await says(directory, "get-next-task", "--format=text")).toBe(
      "Next task: #7 - Later\nReason: Next in implementation order\n",
    );
    expect(JSON.parse(await says(directory, "get-next-task", "--include-parallel=true"))).toMatchObject({
      taskId: 7,
      parallel: [{ id: 214 }],
    });
    const tasks = openTasks(directory);
    expect((await tasks.order()).map(({ id }) => id)).toEqual([214, 3, 7]); // 3 waits for 214
    expect((await tasks.claims.claimNext({ holder: "a", keep: false }))?.taskId).toBe(7);
    expect(await says(project(), "get-next-task", "--format=simple")).toBe("NONE\n");
  });

  it("P1: loses none of the updates that programs make at once, while one queries", async () => {
    const directory = project(three);
    const script = place(
      directory,
      "provider-bridge.mjs",
      `import { runProviderBridge } from ${JSON.stringify(new URL("../../src/flowforge.ts", import.meta.url).href)};\nawait runProviderBridge();\n`,
    );
    const run = async (...args: readonly string[]): Promise<string> => {
      const child = spawn(process.execPath, ["--conditions=@flockwork/source", script, ...args], {
        cwd: directory,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const [code] = (await once(child, "close")) as [number];
      return `${code} ${said}`;
    };
    const updates = Array.from({ length: 3 }, (_, at) =>
      run("create-task", `--title=t${at}`, "--format=simple"),
    );
    expect(await run("verify-task", "--id=214")).toBe("0 ready\n");
    const ids = (await Promise.all(updates)).map((said) => Number(said.slice(2)));
    expect(ids.toSorted((a, b) => a - b)).toEqual([215, 216, 217]);
    expect((await openTasks(directory).list()).length).toBe(6);
  });
});
