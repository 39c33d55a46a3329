/** File systems that refuse: full, out of inodes, read-only. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MountNamespace } from "../harness/mount-namespace.ts";

/** A tmpfs in a mount namespace of its own. */
export class Mount {
  /** Where it is, for programs that run through {@link inside}. */
  readonly path: string;
  readonly #namespace: MountNamespace;

  private constructor(path: string, namespace: MountNamespace) {
    this.path = path;
    this.#namespace = namespace;
  }

  /** Mounts one below a directory of the caller's. @throws {Error} with what mount(8) said. */
  static async make(parent: string, options: string): Promise<Mount> {
    const path = join(parent, "mounted");
    mkdirSync(path);
    const namespace = await MountNamespace.make();
    namespace.mount(["-t", "tmpfs", "-o", options, "tmpfs", path]);
    return new Mount(path, namespace);
  }

  /** A command that runs the one it is given where the file system can be seen. */
  get inside(): readonly string[] {
    return this.#namespace.inside;
  }

  /** The same place, for this process. */
  get fromOutside(): string {
    return this.#namespace.fromOutside(this.path);
  }

  /** Another view of a directory, as restricted as the options say. Returns where it is. */
  bind(directory: string, options: string): string {
    const path = `${this.path}-view`;
    mkdirSync(path);
    this.#namespace.mount(["--bind", directory, path]);
    this.#namespace.mount(["-o", `remount,bind,${options}`, path]);
    return path;
  }

  remount(options: string): void {
    this.#namespace.mount(["-o", `remount,${options}`, this.path]);
  }

  async end(): Promise<void> {
    await this.#namespace.end();
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
