import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { jsonDocument } from "../../src/document/json-document.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

const data = fileURLToPath(new URL("../../../../../shared/data/", import.meta.url));

describe.skipIf(!existsSync(data))("documents that real tools wrote", () => {
  it("D6: a change and its undoing give back every byte, and the change touches only its own lines", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    const samples = globSync("jit/dot-jit/**/*.json", { cwd: data });
    expect(samples.length).toBeGreaterThan(100);
    for (const sample of samples) {
      const text = readFileSync(join(data, sample), "utf8");
      writeFileSync(path, text);
      const doc = jsonDocument<Record<string, unknown>>(path, { durability: "os" });
      await doc.update((draft) => void (draft["flockwork"] = { at: [1, { deep: true }] }));
      const lines = new Set(readFileSync(path, "utf8").split("\n"));
      const kept = text.split("\n").filter((line) => !lines.has(line));
      // The line before the new member gains a comma.
      expect(kept.length, sample).toBeLessThanOrEqual(1);
      await doc.update((draft) => void delete draft["flockwork"]);
      expect(readFileSync(path, "utf8"), sample).toBe(text);
    }
  });

  it("D6: records of a log keep their bytes as documents, whatever member changes", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    const lines = readFileSync(join(data, "beads/issues-2026-02-27.jsonl"), "utf8")
      .split("\n")
      .filter(Boolean);
    for (const line of lines.slice(0, 200)) {
      writeFileSync(path, line);
      const doc = jsonDocument<{ title: string }>(path, { durability: "os" });
      const { title } = await doc.read();
      await doc.update((draft) => void (draft.title = "changed"));
      await doc.update((draft) => void (draft.title = title));
      expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(line));
    }
  });
});
