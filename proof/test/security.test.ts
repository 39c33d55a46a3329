/** SECURITY.md names a test for each of its items: they must be there, and run. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "SECURITY.md"), "utf8");

interface Named {
  readonly item: string;
  readonly file: string;
  readonly title: string;
}

/** What the last column of a row names: files in code quotes, each followed by its titles. */
function named(text: string): Named[] {
  return text.split("\n").flatMap((line) => {
    const [, item = "", , , shown = ""] = line.split("|").map((cell) => cell.trim());
    if (!/^\d+$/.test(item)) return [];
    return [...shown.matchAll(/`([^`]+)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = "", titles = ""]) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => ({ item, file, title })),
    );
  });
}

/** Whether it is the title of a test, or of a check of the proof, that is not passed over. */
function isRun(source: string, title: string): boolean {
  const code = source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  if (/\b(?:describe|suite)\.(?:skip|todo)\(/.test(code)) return false;
  for (let at = code.indexOf(title); at !== -1; at = code.indexOf(title, at + 1)) {
    if (!/["'`]/.test(code[at - 1] ?? "")) continue;
    const before = code.slice(0, at - 1).trimEnd();
    if (/(?:\b(?:it|test)|\btally\.check|\.(?:each|runIf|skipIf)\([^;]*\))\($/.test(before)) return true;
    if (/\btitle = $|\bwhat = $/.test(`${before} `) && code.includes("tally.check(")) return true;
  }
  return false;
}

function missing(text: string): string[] {
  return named(text).flatMap(({ item, file, title }) => {
    const path = join(root, file);
    if (!existsSync(path)) return [`item ${item}: ${file} is not there`];
    return isRun(readFileSync(path, "utf8"), title) ? [] : [`item ${item}: ${file} has no test “${title}”`];
  });
}

test("every item of SECURITY.md names tests, and each of them exists and is run", () => {
  const items = new Set(named(page).map(({ item }) => item));
  expect([...items]).toEqual(Array.from({ length: 13 }, (_, at) => `${at + 1}`));
  expect(missing(page)).toEqual([]);
});

test("a test that SECURITY.md names and that is gone, only mentioned, or skipped, is missed", () => {
  const row = (file: string, title: string): string => `| 1 | a | b | \`${file}\`: “${title}” |`;
  expect(missing(row("proof/test/none.test.ts", "a"))).toHaveLength(1);
  expect(missing(row("proof/test/security.test.ts", "is no test here at all"))).toHaveLength(1);
  expect(isRun('// test("a", () => 1)', "a")).toBe(false);
  expect(isRun('test.skip("a", () => 1)', "a")).toBe(false);
  expect(isRun(`describe.${"skip"}("all", () => { test("a", () => 1) })`, "a")).toBe(false);
  expect(isRun('const a = "a"', "a")).toBe(false);
  expect(isRun('test("a", () => 1)', "a")).toBe(true);
});

const sources = readdirSync(join(root, "packages"))
  .filter((name) => existsSync(join(root, "packages", name, "src")))
  .flatMap((name) =>
    readdirSync(join(root, "packages", name, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join("packages", name, "src", file)),
  );
/** `exec` of node:child_process takes a line for a shell; `execFile` and `spawn` take a program. */
const forbidden =
  /\beval\(|\bnew Function\b|\bRegExp\(|\bshell: true|\bexecSync\b|\{[^}]*\bexec\b[^}]*\} from "node:child_process"|node:vm|\bspawn(?:Sync)?\(\s*"(?:sh|bash)"/;

test("no source of a package evaluates text, builds a regular expression, or starts a shell, but for jit's gates", () => {
  const found = sources.filter((path) => forbidden.test(readFileSync(join(root, path), "utf8")));
  expect(sources.length).toBeGreaterThan(300);
  expect(found).toEqual(["packages/tasks/src/jit/run-checker.ts"]);
});

test("this page says how to report in private, and that whoever runs as the same user is out of scope", () => {
  expect(page).toContain("**Report a vulnerability**");
  expect(page.slice(page.indexOf("## What is not"))).toContain(
    "**Whoever runs as the same user, or as root.**",
  );
});
