import { cpSync, existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openJit, type JitEvent } from "../../src/jit.ts";
import { checkEvent } from "../../src/jit/check-fields.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

const data = fileURLToPath(new URL("../../../../../shared/data/jit/dot-jit", import.meta.url));

describe.skipIf(!existsSync(data))("a repository that jit wrote", () => {
  it("loads whole, and saving what is there already changes no byte of it", async () => {
    const directory = temporaryDirectory();
    cpSync(data, join(directory, ".jit"), { recursive: true });
    const jit = openJit(directory, { branch: "main" });
    const issues = await jit.list();
    expect(issues.length).toBe(373);
    expect(await jit.gates.list()).not.toHaveLength(0);
    expect((await jit.events()).length).toBeGreaterThan(1_000);
    await Promise.all(
      issues.map(
        async ({ id, title, description, state, priority, assignee, labels, context, documents }) => {
          const same = { title, description, state, priority, assignee, labels, context, documents };
          expect((await jit.update(id, same)).changed).toBe(false);
        },
      ),
    );
    for (const name of globSync("**/*.{json,jsonl,toml}", { cwd: data }))
      expect(readFileSync(join(directory, ".jit", name), "utf8"), name).toBe(
        readFileSync(join(data, name), "utf8"),
      );
  });

  it("finds its issues by every short id, and keeps every line of an issue but those that change", async () => {
    const directory = temporaryDirectory();
    cpSync(data, join(directory, ".jit"), { recursive: true });
    const jit = openJit(directory, { branch: "main" });
    for (const { id } of (await jit.list()).slice(0, 25)) {
      expect((await jit.get(id.slice(0, 8)))?.id).toBe(id);
      const before = readFileSync(join(data, `issues/${id}.json`), "utf8").split("\n");
      await jit.update(id, { priority: "low", assignee: "agent:test" }, { force: true });
      const after = readFileSync(join(directory, `.jit/issues/${id}.json`), "utf8").split("\n");
      expect(after).toHaveLength(before.length);
      const changed = after
        .filter((line, at) => line !== before[at])
        .map((line) => /"(\w+)"/.exec(line)?.[1]);
      expect(["priority", "assignee", "updated_at"]).toEqual(expect.arrayContaining(changed));
    }
    expect((await jit.events()).length).toBeGreaterThan(1_000);
  });

  it("has no event that we would not write, and our own are of the same types", () => {
    const lines = readFileSync(join(data, "events.jsonl"), "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(1_000);
    for (const line of lines) {
      const { type, id, timestamp, ...fields } = JSON.parse(line) as JitEvent;
      expect(() => checkEvent(type, fields), line).not.toThrow();
      expect([typeof id, Number.isNaN(Date.parse(timestamp))]).toEqual(["string", false]);
    }
  });
});
