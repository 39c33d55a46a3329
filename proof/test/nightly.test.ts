import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parts } from "../src/run-part.ts";

/** It reads files that no checkout holds. */
const notNightly = ["data"];

test("the long form of every part runs every night", () => {
  const workflow = readFileSync(new URL("../../.github/workflows/proof.yml", import.meta.url), "utf8");
  const listed = /part:\s*\[([^\]]*)\]/.exec(workflow)?.[1] ?? "";
  const nightly = listed.split(",").map((name) => name.trim());
  expect([...nightly.filter(Boolean), ...notNightly].toSorted()).toEqual([...parts.keys()].toSorted());
});
