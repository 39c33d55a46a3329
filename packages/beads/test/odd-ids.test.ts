import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openBeads } from "../src/index.ts";
import { good, holding } from "./support/holding.ts";

test("an id that is no string is refused by what it is, and nothing is changed", async () => {
  const { directory, path } = holding(`${good("bd-a", {})}\n`);
  const before = readFileSync(path, "utf8");
  const beads = openBeads(directory);
  for (const odd of [["bd-a"], { toString: () => "bd-a" }, Symbol("bd-a"), null] as unknown as string[]) {
    const refusal = /id must be a string, got/;
    await expect(beads.update(odd, { notes: "n" })).rejects.toThrow(refusal);
    await expect(beads.claim(odd, { actor: "ada" })).rejects.toThrow(refusal);
    await expect(beads.comment(odd, { author: "ada", text: "t" })).rejects.toThrow(refusal);
  }
  expect(readFileSync(path, "utf8")).toBe(before);
  await beads.dispose();
});
