import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "flockwork-build-"));

const entry = (name: string): object => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({
    type: "module",
    engines: { node: ">=22.13" },
    bin: { tool: "./dist/bin/tool.js" },
    exports: {
      ".": entry("index"),
      "./other": entry("other/index"),
      "./package.json": "./package.json",
    },
  }),
  "src/shared.ts": "export class Shared extends Error {}\n",
  "src/late.ts": "export const late: string = globalThis.loadedLate = 'late';\n",
  "src/index.ts":
    "export { Shared } from './shared.ts';\nexport const load = () => import('./late.ts');\nimport 'neighbour';\n",
  "src/other/index.ts": "export { Shared } from '../shared.ts';\n",
  "src/bin/tool.ts":
    "#!/usr/bin/env node\nimport { Shared } from '../shared.ts';\nconsole.log(new Shared('a tool').message);\n",
  "node_modules/neighbour/index.js": "",
  // of an older build
  "dist/shared.js": "",
  "dist/gone.d.ts": "",
};

const built = async <T>(path: string): Promise<T> => (await import(join(directory, "dist", path))) as T;

beforeAll(() => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const rolldown = join(repository, "node_modules/.bin/rolldown");
  execFileSync(rolldown, ["-c", join(repository, "rolldown.config.js")], { cwd: directory, stdio: "pipe" });
});
afterAll(() => rmSync(directory, { recursive: true }));

test("a package has a file for each entry and each command, and nothing of an older build", () => {
  const scripts = globSync("dist/**/*.{js,d.ts}", { cwd: directory }).filter(
    (path) => !path.includes("chunks"),
  );
  expect(new Set(scripts)).toEqual(new Set(["dist/index.js", "dist/other/index.js", "dist/bin/tool.js"]));
});

test("a class that two entries export is one class", async () => {
  const [one, other] = await Promise.all([
    built<{ Shared: unknown }>("index.js"),
    built<{ Shared: unknown }>("other/index.js"),
  ]);
  expect(one.Shared).toBe(other.Shared);
});

test("what is imported when it is needed is not loaded before", async () => {
  const { load } = await built<{ load: () => Promise<{ late: string }> }>("index.js");
  expect(globalThis).not.toHaveProperty("loadedLate");
  expect((await load()).late).toBe("late");
});

test("a command keeps its first line, and runs", () => {
  const tool = join(directory, "dist/bin/tool.js");
  expect(readFileSync(tool, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(execFileSync(process.execPath, [tool], { encoding: "utf8" })).toBe("a tool\n");
});

test("source maps lead to the sources that are published, and do not repeat them", () => {
  const maps = globSync("dist/**/*.map", { cwd: directory }).map((path) => join(directory, path));
  for (const path of maps) {
    const map = JSON.parse(readFileSync(path, "utf8")) as { sources: string[]; sourcesContent?: unknown };
    expect(map.sourcesContent).toBeUndefined();
    for (const source of map.sources) expect(existsSync(join(dirname(path), source)), source).toBe(true);
  }
  expect(maps.length).toBeGreaterThan(0);
});

test("other packages are imported, not copied", () => {
  expect(readFileSync(join(directory, "dist/index.js"), "utf8")).toContain('import "neighbour"');
});
