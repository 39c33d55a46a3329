import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { acquireLock } from "@flockwork/core";
import { scanDirectory } from "../src/doctor/scan-data.ts";
import { scanSource, scanSources } from "../src/doctor/scan-source.ts";
import { runCli, useDirectory } from "./run-cli.ts";

const at = useDirectory();
const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const scripts = join(fixtures, "scripts");

describe.each(["scripts", "tree"])("what doctor says of test/fixtures/%s", (name) => {
  const root = join(fixtures, name);
  const code = new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(root, path), readFileSync(path, "utf8")]),
  );
  const expected = [...code].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => {
      const rule = /\/\/ BAD (\S+)/.exec(line)?.[1];
      return rule === undefined ? [] : [`${path}:${index + 1} ${rule}`];
    }),
  );
  const found = scanSources(code).map(({ path, line, rule }) => `${path}:${line} ${rule}`);

  it("finds every place that loses data", () => {
    expect(expected.length).toBeGreaterThan(10);
    expect(expected.filter((place) => !found.includes(place))).toEqual([]);
  });

  it("raises no false alarm", () => {
    expect(found.filter((place) => !expected.includes(place))).toEqual([]);
  });
});

describe("what doctor says of the examples, which were not written for it", () => {
  const examples = fileURLToPath(new URL("../../../examples", import.meta.url));
  const findings = (name: string): number =>
    scanSource(name, readFileSync(join(examples, name), "utf8")).length;

  it("finds something in every original but the one that it cannot see into", () => {
    const originals = readdirSync(examples).filter((name) => name.endsWith(".original.ts"));
    expect(originals).toHaveLength(10);
    const beyond = ["sqlite-backup.original.ts"]; // copies a file that SQLite is writing
    expect(originals.filter((name) => findings(name) === 0)).toEqual(beyond);
  });

  it("finds every script of a tree before its migration, and nothing after it", () => {
    const before = readdirSync(join(examples, "migration/before")).map((name) => `migration/before/${name}`);
    expect(before.filter((name) => findings(name) === 0)).toEqual([]);
    const after = readdirSync(join(examples, "migration/after")).map((name) => `migration/after/${name}`);
    expect(after.filter((name) => findings(name) > 0)).toEqual([]);
  });

  it("raises no alarm about what uses Flockwork beside them", () => {
    const ours = readdirSync(examples).filter((name) => /^[\w-]+\.ts$/.test(name));
    expect(ours.filter((name) => findings(name) > 0)).toEqual([]);
  });
});

describe("flockwork doctor", () => {
  it("names file, line, rule and what to do instead, in words, JSON and SARIF", async () => {
    cpSync(scripts, at("scripts"), { recursive: true });
    const words = await runCli("doctor", at("scripts"));
    expect(words.code).toBe(1);
    expect(words.out).toMatch(
      /task-store\.cjs:17:3: FILE is written here, by save and read on line 15, by load.*\(read-modify-write\)/,
    );
    expect(words.out).toContain("updateJson(FILE");
    const json = JSON.parse(
      (await runCli("doctor", "--json", at("scripts"), "--sarif", at("out.sarif"))).out,
    ) as {
      sources: number;
      findings: unknown[];
    };
    expect(json.sources).toBe(5);
    const sarif = JSON.parse(readFileSync(at("out.sarif"), "utf8")) as { runs: { results: unknown[] }[] };
    expect(sarif.runs[0]?.results).toHaveLength(json.findings.length);
  });

  it("finds what is wrong with shared data, and leaves it as it is", async () => {
    mkdirSync(at(".beads"));
    const files = {
      ".beads/issues.jsonl": '{"id":"a"}\nnot json\n{"id":"b"}',
      ".beads/state.json": "",
      ".beads/routes.jsonl": "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n",
      ".beads/issues.jsonl.tmp": "{}",
      "events.jsonl": '{"ok":true}\n',
      "tsconfig.json": "{ // not shared state\n}",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
    const { out, code } = await runCli("doctor", "--json", at());
    expect(code).toBe(1);
    const { findings } = JSON.parse(out) as { findings: { path: string; rule: string; line: number }[] };
    expect(findings.map(({ path, rule, line }) => `${path}:${line} ${rule}`).toSorted()).toEqual([
      ".beads/issues.jsonl.tmp:0 left-over-file",
      ".beads/issues.jsonl:2 damaged-json",
      ".beads/issues.jsonl:3 torn-line",
      ".beads/routes.jsonl:1 conflict-markers",
      ".beads/state.json:0 damaged-json",
    ]);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(at(name), "utf8")).toBe(text);
  });

  it("finds locks that keep nobody out, and those that keep everybody out for nobody", async () => {
    mkdirSync(at(".flowforge/.locks"), { recursive: true });
    mkdirSync(at("mayor"));
    for (const name of [
      ".flowforge/tasks.json",
      "mayor/a.json",
      "mayor/b.json",
      "mayor/c.json",
      "mayor/d.json",
    ])
      writeFileSync(at(name), "{}");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const record = { pid, timestamp: Date.now() - 3_600_000, file: at(".flowforge/tasks.json") };
    writeFileSync(at(".flowforge/.locks/tasks.json.lock"), JSON.stringify(record));
    symlinkSync("a.json", at("mayor/a.json.lock"));
    mkdirSync(at("mayor/b.json.lock"));
    utimesSync(at("mayor/b.json.lock"), 1_700_000_000, 1_700_000_000);
    writeFileSync(at("mayor/c.json.lock"), "");
    chmodSync(at("mayor/c.json.lock"), 0o666);
    await (await acquireLock(at("mayor/d.json"), "exclusive")).release();
    writeFileSync(at("yarn.lock"), "# not a lock of a file");
    const { out } = await runCli("doctor", "--json", at());
    const { findings } = JSON.parse(out) as { findings: { path: string; rule: string }[] };
    expect(findings.map(({ path, rule }) => `${path} ${rule}`).toSorted()).toEqual([
      ".flowforge/.locks/tasks.json.lock stale-lock",
      "mayor/a.json.lock unsafe-lock",
      "mayor/b.json.lock stale-lock",
      "mayor/c.json.lock open-permissions",
    ]);
  });

  it("takes no file for open to everybody where there are no users' rights, as on Windows", () => {
    mkdirSync(at("open"));
    chmodSync(at("open"), 0o777);
    expect(scanDirectory(at("open"))).toHaveLength(1);
    const own = Object.getOwnPropertyDescriptor(process, "geteuid");
    Object.defineProperty(process, "geteuid", { configurable: true, value: undefined });
    try {
      expect(scanDirectory(at("open"))).toEqual([]);
    } finally {
      if (own !== undefined) Object.defineProperty(process, "geteuid", own);
    }
  });

  it("ends with 0 where nothing is wrong, and goes on past sources it cannot parse", async () => {
    writeFileSync(at("fine.js"), "export const one = 1;\n");
    expect((await runCli("doctor", at())).code).toBe(0);
    writeFileSync(at("broken.js"), "export const = ;\n");
    expect((await runCli("doctor", at())).out).toContain("broken.js");
  });
});
