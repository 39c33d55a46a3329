import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as time from "../src/index.ts";

const directory = new URL("..", import.meta.url).pathname;
const text = readFileSync(`${directory}README.md`, "utf8");

it("the README mentions everything that is exported", () => {
  const names = Object.keys(time);
  expect(names).toContain("openTimeTracking");
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});

it("the README has a row for each error code, and none that does not exist", () => {
  const sources = globSync("src/**/*.ts", { cwd: directory }).map((path) =>
    readFileSync(`${directory}${path}`, "utf8"),
  );
  const thrown = sources.flatMap((source) =>
    [...source.matchAll(/code = "(ERR_[A-Z_]+)"/g)].map(([, code]) => code),
  );
  const rows = text.match(/^\| `ERR_[A-Z_]+`/gm) ?? [];
  expect(new Set(rows.map((row) => row.slice(3, -1)))).toEqual(new Set(thrown));
});

it("the README names every option of openTimeTracking", () => {
  const source = readFileSync(`${directory}src/time-options.ts`, "utf8");
  const body = /interface OpenTimeTrackingOptions \{([^}]*)\n\}/.exec(source)?.[1] ?? "";
  const options = [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, option]) => option);
  expect(options).toContain("maxPerOwner");
  expect(options.filter((option) => !text.includes(`\`${option}\``))).toEqual([]);
});
