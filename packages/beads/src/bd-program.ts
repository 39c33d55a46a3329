import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { BdFailedError } from "./errors.ts";

const stderrKept = 4_000;

/** The program `bd`, run for one `.beads` directory. */
export class BdProgram {
  readonly #program: string;
  readonly #directory: string;

  constructor(program: string, directory: string) {
    // A path is the caller's; bd runs in another directory.
    this.#program = program.includes("/") ? resolve(program) : program;
    this.#directory = directory;
  }

  /**
   * Runs bd once. @returns What it printed; undefined when there is no such program.
   * @throws {BdFailedError} `ERR_BD_FAILED`: it could not be run, or its exit code was not 0.
   */
  run(args: readonly string[], input = ""): Promise<string | undefined> {
    const attempt = `run bd ${args.join(" ")}`;
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, args, {
        cwd: dirname(this.#directory),
        env: { ...process.env, BEADS_DIR: this.#directory },
        stdio: ["pipe", "pipe", "pipe"],
      });
      let stderr = "";
      const printed: Buffer[] = [];
      child.stdout.on("data", (bytes: Buffer) => void printed.push(bytes));
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr = (stderr + text).slice(-stderrKept);
      });
      child.once("error", (cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") resolve(undefined);
        else reject(new BdFailedError(attempt, undefined, stderr, { cause }));
      });
      child.once("close", (code) => {
        if (code === 0) resolve(Buffer.concat(printed).toString("utf8"));
        else reject(new BdFailedError(attempt, code ?? undefined, stderr));
      });
      child.stdin.on("error", () => {}); // bd ended early: its exit code tells
      child.stdin.end(input);
    });
  }
}
