import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { acquireLock } from "@flockwork/core";
import { cliCommand, runCli, startCli, useDirectory } from "./run-cli.ts";

const at = useDirectory();

/** The one line that a failing command writes to standard error with `--json`. */
async function errorOf(...args: readonly string[]): Promise<unknown> {
  const { out, err } = await runCli(...args);
  expect([out, err.split("\n")]).toEqual(["", [expect.stringContaining("{"), ""]]);
  return (JSON.parse(err) as { error: unknown }).error;
}

it("with --json what went wrong is JSON too, with code, facts and exit code", async () => {
  const lock = await acquireLock(at("held"), "exclusive");
  const timeout = errorOf("exec", "--json", "-n", "-E", "75", at("held"), "--", "true");
  expect(await timeout).toMatchObject({
    code: "ERR_LOCK_TIMEOUT",
    exitCode: 75,
    holder: { pid: process.pid },
    retryable: "safe",
  });
  await lock.release();
  writeFileSync(at("damaged"), "{");
  const damaged = await errorOf("json-edit", "--json", at("damaged"), ".a = 1");
  expect(damaged).toMatchObject({ code: "ERR_DOCUMENT_CORRUPT", exitCode: 3, path: at("damaged") });
  const missing = await errorOf("json-edit", at("missing"), ".a = 1", "--json");
  expect(missing).toMatchObject({ code: "ERR_READ_FAILED", message: expect.stringContaining("--create") });
  expect(await errorOf("ls", "--json", "--nonsense")).toMatchObject({ code: "ERR_USAGE", exitCode: 2 });
});

it("a value that a package refuses makes no sense of the command line, and is told without a stack trace", async () => {
  const { code, err } = await runCli("tasks", "claim", "--lease", "0", "--directory", at());
  expect([code, err]).toEqual([2, expect.stringMatching(/^flockwork: leaseMs must be .+\n$/)]);
});

it.each(["ls", "doctor"])(
  "%s says of a directory that is not there that it is not there",
  async (command) => {
    expect(await runCli(command, at("nowhere"))).toMatchObject({
      code: 3,
      out: "",
      err: expect.stringMatching(/^flockwork: cannot look at .+ENOENT.+\n$/),
    });
    writeFileSync(at("file"), "");
    expect(await runCli(command, at("file"))).toMatchObject({ code: 2, out: "" });
  },
);

it.each([
  ["append", "", "{}"],
  ["json-edit", "", ".a = 1"],
  ["exec", "", "--", "true"],
  ["inspect", ""],
  ["clean", ""],
  ["ls", ""],
  ["pin", ""],
  ["pin", ".", ""],
  ["tasks", "list", "-d", ""],
])("a path that is empty, as of a variable that is not set, makes no sense: %s %j", async (...args) => {
  expect(await runCli(...args)).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringMatching(/^flockwork: .+\n$/),
  });
});

it("what is not UTF-8 is refused, and not written as something else", async () => {
  const [program = "", ...words] = cliCommand(["append", at("log")]);
  const child = spawn(program, words, { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.end(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
  expect(await once(child, "exit")).toEqual([2, null]);
  expect(existsSync(at("log"))).toBe(false);
});

it("who reads no further than the first line does not turn a command into a failure", async () => {
  for (let n = 0; n < 200; n += 1) writeFileSync(at(`${n}.jsonl`), "torn");
  const { child, ended } = startCli(["doctor", at()]);
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ code: 1, err: "" });
});

it("a warning of Node's, which names a file, shows its control characters instead of obeying them", async () => {
  const [name, digits] = ["a\u001b[31mred\u009b.json", "0".repeat(32)];
  writeFileSync(at(name), "{}");
  writeFileSync(at(`.${digits}.intent`), "what was interrupted cannot be read");
  writeFileSync(at(`.${name}.${digits}.staged`), "{}");
  symlinkSync(`.${digits}.intent`, at(`.${name}.intent`));
  const { code, err } = await runCli("json-edit", at(name), ".b = 1");
  expect([code, err]).toEqual([0, expect.stringContaining("a\\x1b[31mred\\x9b.json stays as it is")]);
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(err).not.toMatch(/[\u001b\u009b]/);
  expect(readdirSync(at()).filter((each) => each.includes(".conflict-"))).toHaveLength(1);
});

it("--json shows control characters of any kind instead of obeying them", async () => {
  writeFileSync(at("log.jsonl"), "");
  await runCli("beads", "create", "a\u009b31mb\u202ec\u007f", "--directory", at());
  const { out } = await runCli("beads", "list", "--json", "--directory", at());
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(out).not.toMatch(/[\u007f-\u009f\u202e]/);
  expect(JSON.parse(out)).toMatchObject([{ title: "a\u009b31mb\u202ec\u007f" }]);
});
