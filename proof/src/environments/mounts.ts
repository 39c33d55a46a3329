/** File systems that refuse: full, out of inodes, read-only. Real ones, which only root may mount. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCommand, runCommand } from "../harness/commands.ts";
import { Program } from "../harness/program.ts";

/** Why nothing can be mounted here; undefined where it can. */
export function mountRefusal(): string | undefined {
  if (process.platform !== "linux") return "tmpfs mounts are Linux's";
  if (process.getuid?.() !== 0) return "only root can mount a file system";
  const missing = ["mount", "unshare", "nsenter"].find((command) => findCommand(command) === undefined);
  if (missing !== undefined) return `${missing} is not installed`;
  return runCommand("unshare", [...ownNamespace, "true"]);
}

const ownNamespace = ["--mount", "--propagation", "private"];

/**
 * A tmpfs in a mount namespace of its own, which a process keeps that ends with its input: nothing stays mounted, whatever
 * this process dies of, and nobody else ever sees it.
 */
export class Mount {
  /** Where it is, for programs that run through {@link inside}. */
  readonly path: string;
  readonly #keeper: Program;

  private constructor(path: string, keeper: Program) {
    this.path = path;
    this.#keeper = keeper;
  }

  /** Mounts one below a directory of the caller's. @throws {Error} with what mount(8) said. */
  static async make(parent: string, options: string): Promise<Mount> {
    const path = join(parent, "mounted");
    mkdirSync(path);
    const keeper = new Program("unshare", [...ownNamespace, "sh", "-c", "echo ready; exec cat"]);
    await keeper.expect("ready");
    const mount = new Mount(path, keeper);
    mount.#mount(["-t", "tmpfs", "-o", options, "tmpfs", path]);
    return mount;
  }

  /** A command that runs the one it is given where the file system can be seen. */
  get inside(): readonly string[] {
    return ["nsenter", `--mount=/proc/${this.#keeper.pid}/ns/mnt`, "--"];
  }

  /** The same place, for this process. */
  get fromOutside(): string {
    return `/proc/${this.#keeper.pid}/root${this.path}`;
  }

  remount(options: string): void {
    this.#mount(["-o", `remount,${options}`, this.path]);
  }

  async end(): Promise<void> {
    this.#keeper.kill();
    await this.#keeper.dead;
  }

  #mount(args: readonly string[]): void {
    const [command = "", ...rest] = [...this.inside, "mount", ...args];
    const failure = runCommand(command, rest);
    if (failure !== undefined) throw new Error(failure);
  }
}

/** Writes until nothing more fits. */
export function fill(directory: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) writeFileSync(join(directory, "ballast"), Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}
