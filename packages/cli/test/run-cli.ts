import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** How a run of the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line of `flockwork`, from source. */
export function cliCommand(args: readonly string[]): readonly string[] {
  const flags = ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"];
  return [process.execPath, ...flags, main, ...args];
}

/** Starts `flockwork` as a user would, from source. */
export function startCli(
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
} {
  const [program = "", ...words] = cliCommand(args);
  const child = spawn(program, words, { stdio: "pipe", cwd: options.cwd });
  child.stdin.end(options.input ?? "");
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, out, err })));
  return { child, ended };
}

export async function runCli(...args: readonly string[]): Promise<Ended> {
  return await startCli(args).ended;
}

/** A fresh directory for each test. */
export function useDirectory(): (name?: string) => string {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "flockwork-cli-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return (name = "") => join(directory, name);
}
