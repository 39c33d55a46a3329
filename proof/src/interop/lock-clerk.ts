import type { LockOptions } from "../harness/core.ts";
import { Program, type ProgramOptions } from "../harness/program.ts";

export type ClerkOptions = Pick<LockOptions, "layout" | "allowNetworkFileSystem">;

/** What the program is told, a line of JSON each. */
export type ClerkCommand =
  | { readonly take: string; readonly options: ClerkOptions }
  | { readonly release: string };

/** A process that takes and gives back locks as it is told: elsewhere, or where something is mounted that this one does not see. */
export class LockClerk {
  readonly #program: Program;

  constructor(options: Pick<ProgramOptions, "cwd" | "through"> = {}) {
    this.#program = Program.node(new URL("lock-clerk-program.ts", import.meta.url), [], options);
  }

  /** Tries once: `granted`, `busy`, or the code and the message of its error. */
  take(path: string, options: ClerkOptions = {}): Promise<string> {
    return this.#told({ take: path, options });
  }

  async release(path: string): Promise<void> {
    await this.#told({ release: path });
  }

  async end(): Promise<void> {
    this.#program.endInput();
    await this.#program.finish();
  }

  async #told(command: ClerkCommand): Promise<string> {
    this.#program.tell(JSON.stringify(command));
    return JSON.parse(await this.#program.line()) as string;
  }
}
