/** Every regression that is named is a test that there is. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parts } from "../src/run-part.ts";

const root = new URL("../../", import.meta.url);
const rows = readFileSync(new URL("../regressions/README.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) =>
    line.split(" | ").map((cell) => cell.replaceAll(/^\| |^`|`$| \|$/g, "").replaceAll("`", "")),
  );

test("there are regressions to look for", () => {
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows)("found by %s: %s", (part = "", _what, file = "", title = "") => {
  expect([...parts.keys()]).toContain(part);
  const path = fileURLToPath(new URL(file, root));
  expect(existsSync(path), file).toBe(true);
  expect(readFileSync(path, "utf8")).toContain(title);
});
