import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBlocks, readmes, repository, type Block } from "./readme-blocks.ts";

const run = promisify(execFile);
const blocks = readBlocks();
const runnable = blocks.filter(({ language }) => language === "ts");

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "flockwork-readme-"));
  const links = { "@types": "node_modules/@types", zod: "packages/core/node_modules/zod" };
  for (const [name, target] of Object.entries(links)) link(name, join(repository, target));
  for (const manifest of globSync("packages/*/package.json", { cwd: repository })) {
    const name = dirname(manifest).replace("packages", "@flockwork");
    link(name, join(repository, dirname(manifest)));
  }
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function link(name: string, target: string): void {
  const place = join(directory, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

function nameOf({ readme, line }: Block): string {
  return `${readme.replaceAll(/\W/g, "-")}-${line}.ts`;
}

test("every README has code", () => {
  expect(readmes.filter((readme) => !blocks.some((block) => block.readme === readme))).toEqual([]);
});

test("every TypeScript block of every README type-checks by itself", async () => {
  for (const block of runnable) writeFileSync(join(directory, nameOf(block)), block.code);
  const config = { extends: join(repository, "tsconfig.base.json"), include: ["*.ts"] };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  const { stdout } = await run(join(repository, "node_modules/.bin/tsc"), ["-p", directory], {
    cwd: repository,
  }).catch((error: { stdout: string }) => error);
  // Faults of the packages' own sources are found where those are checked.
  const faults = stdout.split("\n").filter((line) => /^\S/.test(line) && !line.startsWith("packages/"));
  expect(faults).toEqual([]);
});

test.each(runnable.map((block) => [`${block.readme}:${block.line}`, block] as const))(
  "%s runs",
  async (_, block) => {
    writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
    writeFileSync(join(directory, nameOf(block)), block.code);
    writeFileSync(join(directory, "counter.json"), '{ "count": 0 }\n'); // some blocks go on from an existing file
    const { stderr } = await run(process.execPath, ["--conditions=@flockwork/source", nameOf(block)], {
      cwd: directory,
    });
    expect(stderr).toBe("");
  },
);

test("JavaScript blocks, which show a migration, are at least well-formed", async () => {
  for (const block of blocks.filter(({ language }) => language === "js")) {
    const path = join(directory, `${nameOf(block)}.mjs`);
    writeFileSync(path, block.code);
    await run(process.execPath, ["--check", path]);
  }
});

test("the README of core has a row for each error code, and none that does not exist", () => {
  const codesIn = (text: string): Set<string> => new Set(text.match(/\bERR_[A-Z_]+/g));
  const sources = globSync("packages/core/src/**/*.ts", { cwd: repository }).map((path) =>
    readFileSync(join(repository, path), "utf8"),
  );
  const thrown = sources.flatMap((text) =>
    [...text.matchAll(/code = "(ERR_[A-Z_]+)"/g)].map(([, code]) => code),
  );
  const rows =
    readFileSync(join(repository, "packages/core/README.md"), "utf8").match(/^\| `ERR_.*$/gm) ?? [];
  expect(codesIn(rows.join("\n"))).toEqual(new Set(thrown));
});

test("docs/troubleshooting.md has an answer to each error code of core", () => {
  const codesIn = (path: string): Set<string> =>
    new Set(readFileSync(join(repository, path), "utf8").match(/^\| `ERR_[A-Z_]+`/gm));
  expect(codesIn("docs/troubleshooting.md")).toEqual(codesIn("packages/core/README.md"));
});

test("the README of core mentions every function that core exports", async () => {
  const core: Readonly<Record<string, unknown>> = await import("@flockwork/core");
  const text = readFileSync(join(repository, "packages/core/README.md"), "utf8");
  const names = Object.keys(core).filter((name) => typeof core[name] === "function");
  expect(names).toContain("updateJson");
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

test("every link from one file of the repository to another leads somewhere", () => {
  const documents = [...readmes, ...globSync(["*.md", "docs/**/*.md", "examples/*.md"], { cwd: repository })];
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(repository, document), "utf8");
    return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)]
      .map(([, target = ""]) => join(dirname(document), target))
      .filter((target) => globSync(target, { cwd: repository }).length === 0)
      .map((target) => `${document} -> ${target}`);
  });
  expect(broken).toEqual([]);
});

test("every file that docs/guarantees.md names for a promise has a test that carries its number", () => {
  const rows = readFileSync(join(repository, "docs/guarantees.md"), "utf8").match(/^\| P\d+ \|.*$/gm) ?? [];
  expect(rows).toHaveLength(14);
  const claims = rows.flatMap((row) => {
    const promise = /^\| (P\d+) /.exec(row)?.[1] ?? "";
    return [...row.matchAll(/\]\(\.\.\/([^)]+\.ts)\)/g)].map(([, file = ""]) => ({ promise, file }));
  });
  const idle = claims.filter(({ promise, file }) => {
    const titles = readFileSync(join(repository, file), "utf8").match(/["'`](?:[PT]\d+[ ,]*)+:/g) ?? [];
    return !titles.some((title) => new RegExp(`\\b${promise}\\b`).test(title));
  });
  expect(idle).toEqual([]);
});
