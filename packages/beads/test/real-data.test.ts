import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { doctor, openBeads, repair } from "../src/index.ts";
import { beadsDirectory } from "./support/directory.ts";
import { hasRealData, realData } from "./support/real-data.ts";

const whole = ["issues-2025-10-16", "issues-2026-02-27", "export-2026-06"];
const counts: Readonly<Record<string, number>> = {
  "issues-2025-10-16": 109,
  "issues-2026-01-11": 2_311,
  "issues-2026-02-27": 704,
  "export-2026-06": 1,
};

function copyOf(name: string): { readonly directory: string; readonly path: string; readonly bytes: Buffer } {
  const directory = beadsDirectory();
  const path = join(directory, "issues.jsonl");
  copyFileSync(join(realData, `${name}.jsonl`), path);
  return { directory, path, bytes: readFileSync(path) };
}

describe.skipIf(!hasRealData)("files that bd wrote", () => {
  it.each(whole)("%s: loads, and a rewrite that changes nothing changes no byte", async (name) => {
    const { directory, path, bytes } = copyOf(name);
    const beads = openBeads(directory);
    expect(await beads.list({ status: undefined, ids: undefined })).not.toHaveLength(0);
    expect((await beads.stats()).total + (await beads.stats()).tombstones).toBe(counts[name]);
    expect(await beads.compact()).toMatchObject({ changed: false });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("issues-2026-01-11 holds two lines that are no JSON: they are named, or kept byte for byte, or moved aside", async () => {
    const { directory, path, bytes } = copyOf("issues-2026-01-11");
    await expect(openBeads(directory).list()).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT", line: 1_118 });
    const beads = openBeads(directory, { onDamage: "keep" });
    const { total, tombstones } = await beads.stats();
    expect(total + tombstones).toBe(counts["issues-2026-01-11"]);
    expect(await beads.compact()).toMatchObject({ changed: false });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const bad = (await doctor(directory)).findings.filter(({ kind }) => kind === "bad-line");
    expect(bad.map(({ line }) => line)).toEqual([1_118, 1_491]);
    const { quarantined } = await repair(directory);
    const lines = bytes.toString().split("\n");
    const aside = quarantined.map((file) => readFileSync(file, "utf8")).join("");
    expect(aside).toBe(`${lines[1_117]}\n${lines[1_490]}\n`);
    expect(readFileSync(path, "utf8")).toBe(lines.filter((_, at) => at !== 1_117 && at !== 1_490).join("\n"));
  });

  it.each([...whole, "issues-2026-01-11"])(
    "%s: a change touches its own line alone, and its undoing gives back every field",
    async (name) => {
      const { directory, bytes } = copyOf(name);
      const beads = openBeads(directory, { onDamage: "keep" });
      const [first] = await beads.list({ status: ["open", "in_progress", "closed"] });
      const { id, title } = first ?? { id: "", title: "" };
      await beads.update(id, { title: "changed" });
      await beads.update(id, { title });
      await beads.compact();
      const before = bytes.toString().split("\n");
      const after = readFileSync(join(directory, "issues.jsonl"), "utf8").split("\n");
      const changed = after.filter((line, at) => line !== before[at]);
      expect(changed).toHaveLength(1);
      expect({ ...(JSON.parse(changed[0] ?? "") as object), updated_at: first?.updated_at }).toEqual(first);
    },
  );

  it("recorded merges with conflict markers are recovered: every issue of both sides is there", async () => {
    const { directory } = copyOf("merges/2025-10-16-3acaebf191/recorded");
    const { changed, conflicts } = await repair(directory);
    expect(changed).toBe(true);
    const renamed = conflicts.flatMap(({ renamedTo }) => renamedTo ?? []);
    expect(renamed.length).toBeLessThan(3); // two issues of one id, as counting ids gives
    const side = (name: string): readonly string[] =>
      readFileSync(join(realData, "merges/2025-10-16-3acaebf191", name), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { id: string }).id);
    const ids = new Set((await openBeads(directory).list()).map(({ id }) => id));
    expect(ids).toEqual(new Set([...side("ours.jsonl"), ...side("theirs.jsonl"), ...renamed]));
    expect((await doctor(directory)).repairable).toBe(false);
  });
});
