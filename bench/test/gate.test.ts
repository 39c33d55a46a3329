import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../src/measure/has-program.ts";
import {
  before,
  build,
  compare,
  compareWith,
  inSyncLock,
  plant,
  root,
  type Place,
} from "./gate-checkouts.ts";

const inUpdate: Place = {
  file: "core/src/document/json-document.ts",
  text: "const receipt = await this.#currentEngine().submit(this.#job(recipe, options), this.#wait(options));",
};
const inMachineUpdate: Place = {
  file: "registry/src/machine/machine-registry.ts",
  text: 'if ("name" in patch)',
};
const inCoresEntry: Place = { file: "core/src/index.ts", text: "// Errors and options" };

const quick = ["--quick", "--only", "lock, sync"];

describe("npm run bench -- compare", () => {
  test("work that a call does more is red, by processor time", () => {
    const slow = plant(
      inSyncLock,
      before("for (let at = 0, sum = 0; at < 5_000; at += 1) sum += Math.sqrt(at + sum);"),
    );
    const { status, stdout } = compare(root, slow, ...quick, "--measure", "time");
    expect(stdout).toMatch(/\| lock, sync \|.*SLOWER: processor time/);
    expect(stdout).toMatch(/0 no slower, 1 slower\n$/);
    expect(status).toBe(1);
  });

  test("a wait of ten milliseconds in each update is red, by the clock", () => {
    const slow = plant(inUpdate, before("await new Promise((resolve) => setTimeout(resolve, 10));"));
    const { status, stdout } = compare(root, slow, "--quick", "--only", "update", "--measure", "time");
    expect(stdout).toMatch(/\| update \|.*SLOWER:.* clock \|/);
    expect(status).toBe(1);
  });

  test("an import that does more is red, by processor time", () => {
    const slow = plant(
      inCoresEntry,
      before("for (let at = 0; at < 5_000_000; at += 1) globalThis.name = String(at & 1);"),
    );
    const { status, stdout } = compare(root, slow, "--quick", "--only", "import core", "--measure", "time");
    expect(stdout).toMatch(/\| import core \|.*SLOWER: processor time/);
    expect(status).toBe(1);
  });

  test.runIf(hasProgram("strace"))("a second write is red, without any clock", () => {
    const once = 'const { openSync, writeSync } = process.getBuiltinModule("node:fs");';
    const write = 'writeSync(((globalThis as { fd?: number }).fd ??= openSync(`${path}.2`, "w")), "2");';
    const slow = plant(inSyncLock, before(`${once} ${write}`));
    const { status, stdout } = compare(root, slow, ...quick, "--measure", "calls");
    expect(stdout).toMatch(/\| lock, sync \|.*SLOWER: system calls/);
    expect(status).toBe(1);
  });

  test.runIf(hasProgram("strace"))(
    "asks each package of a domain: one more system call of a machine's update is red",
    () => {
      const slow = plant(inMachineUpdate, before("process.chdir(process.cwd());"));
      const { status, stdout } = compare(root, slow, "--quick", "--only", "machine", "--measure", "calls");
      expect(stdout).toMatch(/\| machine \|.*SLOWER: system calls/);
      expect(status).toBe(1);
    },
  );

  test.runIf(hasProgram("strace"))("no change is green, and nothing stays behind", () => {
    const same = plant(inSyncLock, before(""));
    const { status, stdout, stderr } = compare(
      root,
      same,
      ...quick,
      "--threshold",
      "2",
      "--measure",
      "time,calls",
    );
    expect(stderr).not.toContain("Error");
    expect(stdout).toMatch(/1 no slower, 0 slower\n$/);
    expect(status).toBe(0);
    expect(readdirSync(build)).toEqual([]);
  });

  test("says which of the two could not be measured, and is not green", () => {
    const without = plant({ file: "core/src/index.ts", text: ", withWriteLockSync }" }, () => "}");
    const { status, stderr } = compare(without, root, ...quick, "--measure", "time");
    expect(stderr).toContain(`could not be compared: the base, ${without}: `);
    expect(stderr).toContain("withWriteLockSync");
    expect(status).toBe(2); // 1 would say that it is slower
  });

  test("refuses a commit that is none, and an option it does not know", () => {
    const none = compare("no-such-commit", "nor-this", ...quick);
    expect(none.status).toBe(2);
    expect(none.stderr).toContain("could not be compared: the base, no-such-commit: ");
    const fast = compare("HEAD", "--fast");
    expect(fast.status).toBe(2);
    expect(fast.stderr).toMatch(/unknown option: --fast\nusage: npm run bench -- compare/);
  });

  test("is not green where nothing was measured: by a measure that is none, or without its program", () => {
    const misspelt = compare(root, root, ...quick, "--measure", "instruction");
    expect(misspelt).toMatchObject({ status: 2, stdout: "" });
    expect(misspelt.stderr).toContain('there is no measure "instruction"');
    const without = compareWith({ PATH: build }, root, root, ...quick, "--measure", "instructions,calls");
    expect(without).toMatchObject({ status: 2, stdout: "" });
    expect(without.stderr).toContain("instructions SKIPPED: no valgrind on this machine");
    expect(without.stderr).toContain("nothing could be measured by instructions, calls");
  });
});
