/** Every regression that is named is a test that there is, and that runs; the index names each. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { regressions } from "../regressions/all.ts";
import { oldBugs } from "../src/planted/bugs.ts";
import { parts } from "../src/run-part.ts";

const sourceOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** What is called with the title as its first argument: `test`, or `test.each` with the rest of its own call left out. */
function callOf(source: string, title: string): string {
  const at = source.search(
    new RegExp(`["\`]${title.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}["\`],`),
  );
  let before = source.slice(0, Math.max(0, at)).trimEnd();
  if (!before.endsWith("(")) return "nothing";
  before = before.slice(0, -1);
  if (before.endsWith(")")) {
    let depth = 0;
    let start = before.length;
    do {
      start -= 1;
      if (before[start] === ")") depth += 1;
      if (before[start] === "(") depth -= 1;
    } while (depth > 0 && start > 0);
    before = before.slice(0, start);
  }
  return /[\w.]*$/.exec(before)?.[0] ?? "nothing";
}

test.each(regressions)("found by $foundBy: $wentWrong", ({ foundBy, file, title, look }) => {
  expect([...parts.keys()]).toContain(foundBy);
  const source = sourceOf(file);
  if (look !== undefined) return expect(source).toContain(`name: "${title}"`);
  expect(callOf(source, title)).toMatch(/^(?:test|it)(?:\.(?:each|for|runIf))?$/);
  expect(source).not.toMatch(/\b(?:test|it|describe)\.(?:skip|todo|fails|only)\(/);
});

test("a title in a comment, or of a test that does not run, is no regression's test", () => {
  expect(callOf('// "a title",\n', "a title")).toBe("nothing");
  expect(callOf('it.skip("a title", () => 1);', "a title")).toBe("it.skip");
  expect(callOf('describe("a title", () => 1);', "a title")).toBe("describe");
  expect(callOf('test.each([f(")"), 1])("a title", () => 1);'.replace('")"', "2"), "a title")).toBe(
    "test.each",
  );
});

test("the old code of every regression is planted again, or it is said why not", () => {
  const names = oldBugs.map(({ name }) => name);
  for (const { wentWrong, old, sees } of regressions)
    if (typeof old === "string") expect(sees, wentWrong).toBeUndefined();
    else expect(names).toContain(`has an old bug again: ${wentWrong}`);
  expect(regressions.filter(({ old }) => typeof old !== "string").length).toBeGreaterThan(20);
});

test("the index lists them all, as they are", () => {
  const rows = regressions.map(({ foundBy, wentWrong, file, title, old }) => {
    const back = typeof old === "string" ? `no: ${old}` : "yes";
    return `| \`${foundBy}\` | ${wentWrong} | \`${file}\` | \`${title}\` | ${back} |`;
  });
  const index = readFileSync(new URL("../regressions/README.md", import.meta.url), "utf8").split("\n");
  expect(index.filter((line) => line.startsWith("| `"))).toEqual(rows);
});
