import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openJit } from "../../src/jit.ts";
import { place, Program, temporaryDirectory } from "../support/surroundings.ts";

const name = ".jit/locks/claims.lock.meta";
const left = {
  pid: 2 ** 22 + 1, // a number that no process has
  agent_id: "agent:dead",
  created_at: "2026-01-02T03:04:05.123456789Z",
  last_updated: "2026-01-02T03:04:05.123456789Z",
};

describe("claims.lock.meta", () => {
  it("names whoever holds the claims, in jit's own form, and goes with the lock", async () => {
    const directory = temporaryDirectory();
    const jit = openJit(directory, { branch: "main" });
    const { issue } = await jit.create({ title: "0" });
    const agent = new Program("jit-agent.ts", directory, "count", "a", "100000", issue.id);
    let text = "";
    while (text === "") {
      await new Promise(setImmediate);
      try {
        text = readFileSync(join(directory, name), "utf8");
      } catch {
        // nobody holds it at this moment
      }
    }
    const { created_at: at = "" } = JSON.parse(text) as Record<string, string>;
    expect(new Date(at).toISOString()).toBe(at);
    expect(text).toBe(`{
  "pid": ${agent.child.pid},
  "agent_id": "agent:a",
  "created_at": "${at}",
  "last_updated": "${at}"
}`);
    await agent.kill();
    await jit.claims.releaseHolder("agent:a", { by: "test", reason: "killed" });
    const claim = await jit.claims.claim(issue.id, { holder: "agent:b", keep: false });
    expect(claim.granted).toBe(true);
    expect(existsSync(join(directory, name))).toBe(false);
  });

  it.each([
    ["of a process that is gone", JSON.stringify(left, null, 2)],
    ["cut off in the middle", '{\n  "pid": 41'],
  ])(
    "left by a crash, %s, does not lie there while we hold the lock, exclusively or shared",
    async (_, text) => {
      const directory = temporaryDirectory();
      const jit = openJit(directory, { branch: "main" });
      const { issue } = await jit.create({ title: "a" });
      place(directory, name, text);
      const claim = await jit.claims.claim(issue.id, { holder: "agent:a", keep: false });
      if (!claim.granted) throw new Error(claim.message);
      expect(existsSync(join(directory, name))).toBe(false);
      place(directory, name, text);
      await jit.update(issue.id, { title: "b" }, { claim });
      expect(existsSync(join(directory, name))).toBe(false);
      await claim.release();
    },
  );
});
