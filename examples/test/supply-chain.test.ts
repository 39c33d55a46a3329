import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { judgeLicences, judgeListing } from "../consumers/supply-chain.ts";

const whole = [
  "package.json",
  "README.md",
  "LICENSE",
  "dist/index.js",
  "dist/index.d.ts.map",
  "dist/chunks/shared.js",
  "src/index.ts",
];

test("a tarball holds code, its sources and its declarations, and nothing else", () => {
  expect(judgeListing("core", whole)).toEqual([]);
  const needless = [
    "test/a.test.ts",
    "tsconfig.json",
    "binding.gyp",
    ".env",
    "dist/a.tsbuildinfo",
    "src/a.snap",
  ];
  expect(judgeListing("core", [...whole, ...needless])).toHaveLength(needless.length);
});

test("binaries and C sources are for one package only", () => {
  const binaries = ["native/addon.c", "prebuilds/SHA256SUMS", "prebuilds/linux-x64/node.napi.glibc.node"];
  expect(judgeListing("flock", [...whole, ...binaries])).toEqual([]);
  expect(judgeListing("core", [...whole, ...binaries])).toHaveLength(binaries.length);
});

test("what an older build left behind is seen, and so is what is missing", () => {
  for (const gone of ["dist/gone.js", "dist/fs/gone.d.ts"])
    expect(judgeListing("core", [...whole, gone])).toEqual([expect.stringContaining(gone)]);
  expect(judgeListing("core", whole.slice(1))).toEqual([expect.stringContaining("package.json is missing")]);
});

test("a licence that asks for more than to be named is seen, wherever it came in", () => {
  const project = mkdtempSync(join(tmpdir(), "flockwork-licences-"));
  const install = (path: string, manifest: object): void => {
    mkdirSync(join(project, "node_modules", path), { recursive: true });
    writeFileSync(join(project, "node_modules", path, "package.json"), JSON.stringify(manifest));
  };
  try {
    install("@flockwork/core", { name: "@flockwork/core", version: "1.0.0", license: "MIT" });
    install("a/dist/esm", { type: "module" });
    expect(judgeLicences(project)).toEqual([]);
    install("a", { name: "a", version: "1.0.0", license: "UNLICENSED" });
    install("a/node_modules/b", { name: "b", version: "2.0.0", license: "(MIT OR GPL-3.0)" });
    install("c", { name: "c", version: "3.0.0" });
    const named = judgeLicences(project).map((fault) => fault.split(" ")[0]);
    expect(new Set(named)).toEqual(new Set(["a@1.0.0", "b@2.0.0", "c@3.0.0"]));
  } finally {
    rmSync(project, { recursive: true });
  }
});
