import { Program } from "../harness/program.ts";
import type { Place } from "./subject.ts";
import { isMissing } from "./subject.ts";

/** What a second process can be asked to do; each answers with one JSON value, or `{ error: code }`. */
export type PeerCommand =
  | { readonly verb: "acquire" | "try"; readonly name: string; readonly mode?: "shared" | "exclusive" }
  | { readonly verb: "release"; readonly name: string }
  /** Adds one to a counter, so many times. With `lease`: under it. */
  | { readonly verb: "add"; readonly name: string; readonly times: number; readonly lease?: string }
  /** Adds one to two fields that must stay equal. */
  | { readonly verb: "twin"; readonly name: string; readonly times: number }
  | { readonly verb: "read"; readonly name: string }
  /** Reads a document of twins until it is removed; answers how many reads it took, or what was torn. */
  | { readonly verb: "watch twins"; readonly name: string }
  /** Appends `<prefix><n>`, one call each; or all in one call. */
  | {
      readonly verb: "append";
      readonly name: string;
      readonly prefix: string;
      readonly times: number;
      readonly batch?: boolean;
    }
  | { readonly verb: "move"; readonly from: string; readonly to: string; readonly times: number }
  /** Begins something and says `begun` when it holds what it needs; never ends. */
  | { readonly verb: "hang in update" | "hang in transact"; readonly name: string }
  | { readonly verb: "lease"; readonly name: string; readonly leaseMs: number };

/** A second process on the same data that obeys. */
export class StorePeer {
  readonly program: Program;

  static async start({ elsewhere }: Place): Promise<StorePeer> {
    if (isMissing(elsewhere)) throw new Error(elsewhere.missing);
    const file = new URL("store-peer-program.ts", import.meta.url);
    const program = Program.node(file, [elsewhere.module.href, elsewhere.argument]);
    await program.expect('"ready"');
    return new StorePeer(program);
  }

  private constructor(program: Program) {
    this.program = program;
  }

  /** Sends a command and waits for its answer. */
  async tell(command: PeerCommand): Promise<unknown> {
    this.send(command);
    return this.answer();
  }

  send(command: PeerCommand): void {
    this.program.tell(JSON.stringify(command));
  }

  async answer(): Promise<unknown> {
    return JSON.parse(await this.program.line()) as unknown;
  }
}
