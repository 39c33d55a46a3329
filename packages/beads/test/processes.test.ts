import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openBeads } from "../src/index.ts";
import { beadsDirectory } from "./support/directory.ts";
import { issueOf } from "./support/issues.ts";

interface Acknowledged {
  readonly created: readonly string[];
  readonly comments: number;
  readonly labels: number;
  readonly closed: readonly string[];
  readonly claimed: readonly string[];
}

const program = fileURLToPath(new URL("fixtures/mixed-writes.ts", import.meta.url));

function agent(...args: readonly string[]): Promise<Acknowledged> {
  return new Promise((resolve, reject) => {
    const child = fork(program, args, { execArgv: ["--conditions=@flockwork/source"] });
    let told: Acknowledged | undefined;
    child.once("message", (message) => (told = message as Acknowledged));
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0 && told !== undefined) resolve(told);
      else reject(new Error(`an agent ended with ${code}`));
    });
  });
}

describe.each([
  ["appending", false],
  ["writing whole files beside a database", true],
] as const)("agents in many processes, %s", (_, sqlite) => {
  it("P1, P3: lose no write, give no id twice, tear no line", async () => {
    const [agents, writes] = sqlite ? [3, 10] : [6, 20];
    const directory = beadsDirectory();
    if (sqlite) writeFileSync(join(directory, "beads.db"), "");
    const beads = openBeads(directory, { durability: "os" });
    await beads.append(issueOf("bd-shared", { status: "blocked" }));
    await beads.append(issueOf("bd-count", { status: "blocked" }));
    const all = await Promise.all(
      Array.from({ length: agents }, (__, n) => agent(directory, `agent${n}`, `${writes}`)),
    );

    const lines = readFileSync(join(directory, "issues.jsonl"), "utf8").split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines) JSON.parse(line);
    const created = all.flatMap((each) => each.created);
    expect(new Set(created).size).toBe(created.length);
    const issues = new Map((await beads.list()).map((issue) => [issue.id, issue]));
    expect(issues.size).toBe(created.length + 2);
    for (const id of created) expect(issues.has(id)).toBe(true);
    for (const id of all.flatMap((each) => each.closed)) expect(issues.get(id)?.status).toBe("closed");
    const sum = (of: (each: Acknowledged) => number): number =>
      all.reduce((total, each) => total + of(each), 0);
    const shared = issues.get("bd-shared");
    expect(new Set(shared?.labels).size).toBe(sum(({ labels }) => labels));
    expect(shared?.comments).toHaveLength(sum(({ comments }) => comments));
    expect(issues.get("bd-count")?.metadata).toEqual({ n: sum(({ closed }) => closed.length) });
    const claimed = all.flatMap((each, n) => each.claimed.map((id) => [id, `agent${n}`] as const));
    for (const [id, actor] of claimed)
      if (issues.get(id)?.status === "in_progress") expect(issues.get(id)?.assignee).toBe(actor);
    if (sqlite) expect(lines).toHaveLength(issues.size);
  });
});
