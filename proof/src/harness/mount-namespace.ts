/** Mounts that nobody else sees, and that go with whoever made them. Real ones, which only root may make. */
import { readFileSync } from "node:fs";
import { setTimeout as later } from "node:timers/promises";
import { findCommand, runCommand } from "./commands.ts";
import { Program } from "./program.ts";

/** Why nothing can be mounted here; undefined where it can. */
export function mountRefusal(): string | undefined {
  if (process.platform !== "linux") return "mount namespaces are Linux's";
  if (process.getuid?.() !== 0) return "only root can mount a file system";
  const missing = ["mount", "unshare", "nsenter"].find((command) => findCommand(command) === undefined);
  if (missing !== undefined) return `${missing} is not installed`;
  return runCommand("unshare", [...ownNamespace, "true"]);
}

const ownNamespace = ["--mount", "--propagation", "private"];

/** Becomes what serves a file system, which keeps the namespace it runs in, and is ended with its input all the same. */
const servedUntilEnd = 'exec 3<&0; { cat <&3 >/dev/null; kill $$; } & exec "$@" 3<&- </dev/null';

/**
 * A mount namespace, which a process keeps that ends with its input: nothing stays mounted, whatever this process dies of.
 */
export class MountNamespace {
  readonly #keeper: Program;
  readonly #servers: Program[] = [];

  private constructor(keeper: Program) {
    this.#keeper = keeper;
  }

  static async make(): Promise<MountNamespace> {
    const keeper = new Program("unshare", [...ownNamespace, "sh", "-c", "echo ready; exec cat"]);
    await keeper.expect("ready");
    return new MountNamespace(keeper);
  }

  /** A command that runs the one it is given where the mounts can be seen. */
  get inside(): readonly string[] {
    return ["nsenter", `--mount=/proc/${this.#keeper.pid}/ns/mnt`, "--"];
  }

  /** What is at a path in it, for this process. */
  fromOutside(path: string): string {
    return `/proc/${this.#keeper.pid}/root${path}`;
  }

  /** @throws {Error} with what mount(8) said. */
  mount(args: readonly string[]): void {
    const [command = "", ...rest] = [...this.inside, "mount", ...args];
    const failure = runCommand(command, rest);
    if (failure !== undefined) throw new Error(failure);
  }

  /**
   * Mounts what a program serves, which must stay in the foreground.
   * @throws {Error} with what it said: it mounted nothing.
   */
  async serve(words: readonly string[], at: string): Promise<void> {
    const server = new Program("sh", ["-c", servedUntilEnd, "sh", ...words], { through: this.inside });
    this.#servers.push(server);
    const giveUpAt = performance.now() + 10_000;
    while (!this.#mounts().includes(` ${at} `)) {
      if (performance.now() < giveUpAt) await later(5);
      else {
        server.endInput();
        throw new Error((await server.exited).errors.trim() || `${words.join(" ")} mounted nothing`);
      }
    }
  }

  async end(): Promise<void> {
    for (const server of this.#servers) server.endInput();
    await Promise.all(this.#servers.map(({ exited }) => exited));
    this.#keeper.kill();
    await this.#keeper.dead;
  }

  #mounts(): string {
    return readFileSync(`/proc/${this.#keeper.pid}/mounts`, "utf8");
  }
}
