import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scanSource } from "../src/doctor/scan-source.ts";
import { runCli, useDirectory } from "./run-cli.ts";

const at = useDirectory();
const scripts = fileURLToPath(new URL("fixtures/scripts", import.meta.url));

describe("what doctor says of scripts", () => {
  const expected: string[] = [];
  const found: string[] = [];
  for (const name of readdirSync(scripts)) {
    const code = readFileSync(join(scripts, name), "utf8");
    for (const [index, line] of code.split("\n").entries()) {
      const rule = /\/\/ BAD (\S+)/.exec(line)?.[1];
      if (rule !== undefined) expected.push(`${name}:${index + 1} ${rule}`);
    }
    found.push(...scanSource(name, code).map(({ path, line, rule }) => `${path}:${line} ${rule}`));
  }

  it("finds at least nine of ten places that lose data", () => {
    const missed = expected.filter((place) => !found.includes(place));
    expect(missed.length / expected.length, missed.join(", ")).toBeLessThanOrEqual(0.1);
  });

  it("raises at most one false alarm in ten", () => {
    const alarms = found.filter((place) => !expected.includes(place));
    expect(alarms.length / found.length, alarms.join(", ")).toBeLessThanOrEqual(0.1);
  });
});

describe("what doctor says of the examples, which were not written for it", () => {
  const examples = fileURLToPath(new URL("../../../examples", import.meta.url));
  const findings = (name: string): number =>
    scanSource(name, readFileSync(join(examples, name), "utf8")).length;

  it("finds something in every original but the two it cannot see into", () => {
    const originals = readdirSync(examples).filter((name) => name.endsWith(".original.ts"));
    expect(originals).toHaveLength(10);
    // One reads and writes through functions of its own; the other copies a file that SQLite is writing.
    const beyond = ["hour-to-invoice.original.ts", "sqlite-backup.original.ts"];
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
      /task-store\.cjs:11:3: FILE is written here and read on line 7.*\(read-modify-write\)/,
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

  it("ends with 0 where nothing is wrong, and goes on past sources it cannot parse", async () => {
    writeFileSync(at("fine.js"), "export const one = 1;\n");
    expect((await runCli("doctor", at())).code).toBe(0);
    writeFileSync(at("broken.js"), "export const = ;\n");
    expect((await runCli("doctor", at())).out).toContain("broken.js");
  });
});
