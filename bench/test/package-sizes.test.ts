import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { minify } from "../../examples/consumers/weigh.ts";
import { budgets, installedRows, loadedRows, type Loaded } from "../src/families/growth/footprints.ts";
import { peers, wantedOf } from "../src/families/growth/packages.ts";

describe("sizes of packages", () => {
  const loaded = (name: string, minified: number): Loaded => ({
    name,
    entry: name,
    files: 1,
    own: minified,
    others: 0,
    minified,
  });

  test("core has a budget of its own, all others have one", () => {
    const rows = loadedRows([
      loaded("@flockwork/core", 13),
      loaded("@flockwork/flock", 13),
      loaded("@flockwork/queue", 26),
    ]);
    expect(rows.map(({ verdict, goal }) => [verdict, goal])).toEqual([
      ["not met", `ours ≤ ${budgets.coreKB} KB`],
      ["met", `ours ≤ ${budgets.packageKB} KB`],
      ["not met", `ours ≤ ${budgets.packageKB} KB`],
    ]);
  });

  test("the suite is weighed with what it brings, its addon apart", () => {
    const files = [
      { path: "@flockwork/core/dist/index.js", bytes: 500_000 },
      { path: "zod/index.js", bytes: 600_000 },
      { path: "@flockwork/flock/prebuilds/linux-x64/node.napi.glibc.node", bytes: 200_000 },
      { path: "@flockwork/flock/prebuilds/linux-arm64/node.napi.glibc.node", bytes: 301_000 },
    ];
    const [suite, addon] = installedRows(files);
    expect(suite).toMatchObject({ ours: 1.1, verdict: "not met" });
    expect(suite?.note).toContain("0.6 MB of packages of others; of ours code 0.5");
    expect(addon).toMatchObject({ ours: 301, verdict: "not met" });
    expect(installedRows(files.slice(0, 1)).map(({ verdict }) => verdict)).toEqual(["met", "not met"]);
  });

  test("the minifier takes comments and names away, and refuses what it does not understand", () => {
    expect(minify("/** doc */ const longName = 1; export { longName as x };").length).toBeLessThan(40);
    expect(() => minify("const = ;")).toThrow("it cannot be minified");
  });

  test("each package that ours are held against is weighed, in the version that is measured", () => {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      devDependencies: object;
      optionalDependencies: object;
    };
    const all = Object.keys({ ...manifest.devDependencies, ...manifest.optionalDependencies });
    const weighed = peers
      .flatMap((name) => wantedOf(name) ?? name)
      .map((each) => each.replace(/@[\d.]+$/, ""));
    expect(weighed.toSorted()).toEqual(all.filter((name) => !name.startsWith("@")).toSorted());
  });
});
