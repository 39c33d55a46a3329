import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openBeads, type Issue } from "../src/index.ts";
import { beadsDirectory } from "./support/directory.ts";
import { dependencyOf, issueOf } from "./support/issues.ts";

const read = (directory: string): string => readFileSync(join(directory, "issues.jsonl"), "utf8");

/** A directory of today's bd, whose last export is older than what bd has. */
function doltDirectory(now: Partial<Issue> = {}): { readonly directory: string; readonly root: string } {
  const directory = beadsDirectory();
  const root = join(directory, "..");
  mkdirSync(join(directory, "embeddeddolt"));
  const exported = issueOf("bd-a", { labels: ["x"] });
  writeFileSync(join(directory, "issues.jsonl"), `${JSON.stringify(exported)}\n`);
  writeFileSync(join(root, "bd.jsonl"), `${JSON.stringify({ ...exported, ...now })}\n`);
  return { directory, root };
}

/** See the file: a real bd cannot be had everywhere. */
const bd = fileURLToPath(new URL("fixtures/stand-in-bd.mjs", import.meta.url));

describe("the Dolt era", () => {
  it("the export is read, and a write is refused by name without bd", async () => {
    const { directory } = doltDirectory();
    const before = read(directory);
    const beads = openBeads(directory, { bd: false });
    expect((await beads.ready()).map(({ id }) => id)).toEqual(["bd-a"]);
    for (const write of [
      beads.append(issueOf("bd-b")),
      beads.create({ title: "x" }),
      beads.close("bd-a"),
      beads.compact(),
      openBeads(directory, { bd: join(directory, "no-such-bd") }).close("bd-a"),
    ])
      await expect(write).rejects.toMatchObject({
        code: "ERR_DOLT_ERA",
        message: expect.stringContaining("bd import") as string,
      });
    expect(read(directory)).toBe(before);
  });

  it("bd is given the line, its failure is told, and what it would drop in silence is refused", async () => {
    const { directory, root } = doltDirectory();
    const beads = openBeads(directory, { bd: `./${relative(process.cwd(), bd)}` }); // bd itself runs elsewhere
    expect(await beads.close("bd-a", { reason: "Done" })).toMatchObject({ changedIds: ["bd-a"] });
    expect(readFileSync(join(root, "calls"), "utf8")).toBe("export --all\nimport - --json\n");
    expect(JSON.parse(readFileSync(join(root, "bd.jsonl"), "utf8"))).toMatchObject({
      status: "closed",
      close_reason: "Done",
    });
    for (const patch of [{ due_at: "2026-01-01T00:00:00Z" }, { labels: null }])
      await expect(beads.update("bd-a", patch)).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
    await beads.append(issueOf("bd-new", { dependencies: [dependencyOf("bd-new", "bd-a")] }));
    writeFileSync(join(root, "fail"), "");
    await expect(beads.reopen("bd-a")).rejects.toMatchObject({
      code: "ERR_BD_FAILED",
      exitCode: 3,
      stderr: "no\n",
    });
  });

  it("a change is made from what bd has now, not from its last export, one after the other", async () => {
    const { directory, root } = doltDirectory({
      status: "in_progress",
      assignee: "ann",
      updated_at: "2026-02-01T00:00:00Z",
    });
    const handles = [openBeads(directory, { bd }), openBeads(directory, { bd })];
    await expect(handles[0]?.claim("bd-a", { actor: "bob" })).rejects.toMatchObject({ assignee: "ann" });
    await Promise.all([
      handles[0]?.update("bd-a", { priority: 0 }),
      handles[1]?.update("bd-a", { notes: "noted" }),
      handles[1]?.comment("bd-a", { author: "bob", text: "hello" }),
    ]);
    expect(JSON.parse(readFileSync(join(root, "bd.jsonl"), "utf8"))).toMatchObject({
      status: "in_progress",
      assignee: "ann",
      priority: 0,
      notes: "noted",
      comments: [{ text: "hello" }],
    });
  });

  it("a write that bd passes over, or takes in part, is an error though bd ends well", async () => {
    const { directory, root } = doltDirectory();
    const beads = openBeads(directory, { bd });
    writeFileSync(join(root, "newer"), "");
    await expect(beads.update("bd-a", { priority: 0 })).rejects.toMatchObject({
      code: "ERR_BD_NEWER",
      ids: ["bd-a"],
      took: [],
    });
    expect(JSON.parse(readFileSync(join(root, "bd.jsonl"), "utf8"))).toMatchObject({ status: "closed" });
    rmSync(join(root, "newer"));
    writeFileSync(join(root, "no-target"), "");
    await expect(beads.addDependency("bd-a", "bd-a-none")).rejects.toMatchObject({
      code: "ERR_BEAD_NOT_FOUND",
    });
    await expect(beads.update("bd-a", { priority: 1 })).rejects.toMatchObject({
      code: "ERR_BD_FAILED",
      message: expect.stringContaining("bd-none") as string,
    });
    writeFileSync(join(root, "mute"), "");
    await expect(beads.update("bd-a", { priority: 3 })).rejects.toMatchObject({ code: "ERR_BD_FAILED" });
    await expect(
      beads.update("bd-a", { priority: 3 }, { fence: { name: "other", token: "1" } }),
    ).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  });
});
