import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { acquireLock } from "@flockwork/core";
import { cliCommand, runCli, useDirectory } from "./run-cli.ts";

const at = useDirectory();

/** What a command writes to a terminal, which `script` of util-linux or BSD pretends to be. */
function onTerminal(args: readonly string[], env: Readonly<Record<string, string>>): string | undefined {
  const words = cliCommand(args);
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script =
    process.platform === "darwin" ? ["-q", "/dev/null", ...words] : ["-qec", quoted, "/dev/null"];
  const { NO_COLOR: _, ...rest } = process.env;
  const { stdout, error } = spawnSync("script", script, { encoding: "utf8", env: { ...rest, ...env } });
  return error === undefined ? stdout : undefined;
}

const noTerminal = spawnSync("script", ["--version"]).error !== undefined;

it.skipIf(noTerminal)("a terminal gets bold words, unless NO_COLOR is set; nothing else does", async () => {
  const lock = await acquireLock(at("f"), "exclusive");
  const bold = onTerminal(["inspect", at("f")], {});
  const plain = onTerminal(["inspect", at("f")], { NO_COLOR: "1" });
  const piped = await runCli("inspect", at("f"));
  await lock.release();
  expect(bold).toContain("\u001b[1mheld (exclusive)\u001b[22m");
  expect(plain).toContain("held (exclusive)");
  expect(plain).not.toContain("\u001b");
  expect(piped.out).not.toContain("\u001b");
});

it.skipIf(noTerminal)("doctor says on a terminal how far it has come, and not in a pipe", async () => {
  writeFileSync(at("fine.js"), "export const one = 1;\n");
  expect(onTerminal(["doctor", at()], {})).toContain("following the calls of 1 sources\r\n".trim());
  const { err } = await runCli("doctor", at());
  expect(err).toBe("");
});
