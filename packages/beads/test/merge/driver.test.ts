import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { runMergeDriver } from "../../src/merge/merge-driver.ts";
import { issueOf } from "../support/issues.ts";

const program = fileURLToPath(new URL("../../src/bin/merge.ts", import.meta.url));

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-driver-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const line = (id: string, fields = {}): string => `${JSON.stringify(issueOf(id, fields))}\n`;

it("git merges two branches with it, and nothing is left behind", () => {
  const root = temporaryDirectory();
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const file = join(root, ".beads/issues.jsonl");
  const commit = (text: string): void => {
    writeFileSync(file, text);
    git("commit", "-qam", "change");
  };
  git("init", "-q", "-b", "main");
  git(
    "config",
    "merge.beads.driver",
    `"${process.execPath}" --conditions=@flockwork/source "${program}" %O %A %B %P`,
  );
  writeFileSync(join(root, ".gitattributes"), ".beads/*.jsonl merge=beads\n");
  mkdirSync(join(root, ".beads"));
  writeFileSync(file, line("bd-a") + line("bd-b"));
  git("add", ".");
  git("commit", "-qm", "base");
  git("switch", "-qc", "other");
  commit(line("bd-a", { priority: 0, updated_at: "2026-01-02T00:00:00Z" }) + line("bd-b") + line("bd-o"));
  git("switch", "-q", "main");
  commit(line("bd-a", { title: "t", updated_at: "2026-01-03T00:00:00Z" }) + line("bd-m"));
  git("merge", "-q", "other", "-m", "merge");
  const merged = readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((text) => JSON.parse(text) as { id: string });
  expect(merged.map(({ id }) => id)).toEqual(["bd-a", "bd-m", "bd-o"]);
  expect(merged[0]).toMatchObject({ title: "t", priority: 0 });
  expect(git("status", "--porcelain")).toBe("");
  expect(readdirSync(root).toSorted()).toEqual([".beads", ".git", ".gitattributes"]);
});

it("tells conflicts as JSON, by exit code only when asked, and leaves our side as it was where it cannot merge", async () => {
  const root = temporaryDirectory();
  const [base, ours, theirs] = ["O", "A", "B"].map((name) => join(root, name)) as [string, string, string];
  writeFileSync(base, line("bd-a"));
  writeFileSync(ours, line("bd-a", { title: "ours" }).trimEnd()); // no newline at the end
  writeFileSync(theirs, line("bd-a", { title: "theirs", updated_at: "2026-01-02T00:00:00Z" }));
  const said: string[] = [];
  const run = (...args: readonly string[]): Promise<number> =>
    runMergeDriver(args, { say: (text) => void said.push(text) });
  expect(await run(base, ours, theirs, ".beads/issues.jsonl")).toBe(0);
  expect(JSON.parse(said.pop() ?? "")).toMatchObject({
    schema: "flockwork-beads-merge/1",
    file: ".beads/issues.jsonl",
    conflicts: [{ id: "bd-a", path: ["title"], ours: "ours", theirs: "theirs", took: "theirs" }],
  });
  expect(readFileSync(ours, "utf8")).toMatch(/^\{.*"title":"theirs".*\}\n$/);
  writeFileSync(ours, line("bd-a", { title: "ours" }));
  expect(await run("--strict", "--conflicts", join(root, "C"), base, ours, theirs)).toBe(1);
  expect(JSON.parse(readFileSync(join(root, "C"), "utf8"))).toMatchObject({
    conflicts: [{ kind: "both-changed" }],
  });
  writeFileSync(ours, "<<<<<<< HEAD\n");
  expect(await run(base, ours, theirs)).toBe(2);
  expect(said.pop()).toContain("conflict marker");
  expect(readFileSync(ours, "utf8")).toBe("<<<<<<< HEAD\n");
  expect(await run(base, join(root, "none"), theirs)).toBe(2);
  expect(said.pop()).toContain("there is no file");
  expect(await run(base)).toBe(2);
  expect(said.pop()).toContain("Usage");
  expect(readdirSync(root).toSorted()).toEqual(["A", "B", "C", "O"]);
  writeFileSync(ours, "");
  expect(await run("--deletions-win", base, ours, theirs)).toBe(0);
  expect(readFileSync(ours, "utf8")).toBe("");
});

it("shows control characters of issues and paths instead of obeying them", async () => {
  const root = temporaryDirectory();
  const [base, ours, theirs] = ["O", "A", "B"].map((name) => join(root, name)) as [string, string, string];
  const title = "\u009b31mred\u007f\u202e\u001b[0m";
  writeFileSync(base, line("bd-a"));
  writeFileSync(ours, line("bd-a", { title }));
  writeFileSync(theirs, line("bd-a", { title: "theirs", updated_at: "2026-01-02T00:00:00Z" }));
  const said: string[] = [];
  const run = (name: string): Promise<number> =>
    runMergeDriver([base, ours, theirs, name], { say: (text) => void said.push(text) });
  expect(await run("a\u001b[31m\nb")).toBe(0);
  expect(JSON.parse(said[0] ?? "")).toMatchObject({ file: "a\u001b[31m\nb", conflicts: [{ ours: title }] });
  writeFileSync(ours, "<<<<<<< HEAD\n");
  expect(await run("a\u001b[31m\nb")).toBe(2);
  expect(said[1]).toContain("a\\u001b[31m\\u000ab");
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(said.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
