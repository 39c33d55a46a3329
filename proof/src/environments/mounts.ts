/** File systems that refuse: full, out of inodes, read-only. Real ones, which only root may mount. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCommand, runCommand } from "../harness/commands.ts";

/** Why nothing can be mounted here; undefined where it can. */
export function mountRefusal(): string | undefined {
  if (process.platform !== "linux") return "tmpfs mounts are Linux's";
  if (process.getuid?.() !== 0) return "only root can mount a file system";
  return findCommand("mount") === undefined ? "mount is not installed" : undefined;
}

/** A mounted tmpfs, below a directory of the caller's. */
export class Mount {
  readonly path: string;

  /** @throws {Error} with what mount(8) said. */
  constructor(parent: string, options: string) {
    this.path = join(parent, "mounted");
    mkdirSync(this.path);
    this.#mount(["-t", "tmpfs", "-o", options, "tmpfs", this.path]);
  }

  remount(options: string): void {
    this.#mount(["-o", `remount,${options}`, this.path]);
  }

  end(): void {
    runCommand("umount", ["-l", this.path]);
  }

  #mount(args: readonly string[]): void {
    const failure = runCommand("mount", args);
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
