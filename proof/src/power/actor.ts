/**
 * Program: does what scripts say, on a disk whose power is cut meanwhile, and looks at what was left by another. Each line of
 * input is a command in JSON; it is read without a stream, so that the process can stand still until the power is off.
 */
import { readSync, rmSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { files, substituteFileSystem, type FileSystem } from "../harness/core.ts";
import { inspect } from "./inspect.ts";
import { sabotage, type Sabotage } from "./sabotage.ts";
import { powerOperation, powerOperations } from "./operations.ts";
import type { Cut, Step } from "./script.ts";

/** What an actor is told. */
export type Command =
  | { readonly do: "act"; readonly directory: string; readonly steps: readonly Step[]; readonly cut: Cut }
  | { readonly do: "inspect"; readonly directory: string; readonly operations: readonly string[] }
  | { readonly do: "count"; readonly directory: string }
  | { readonly do: "sabotage"; readonly what: Sabotage };

/** How a script ended: after how many steps that may have had an effect, and what the last one threw. */
export interface Ending {
  readonly begun: number;
  readonly failure?: { readonly code: string; readonly message: string };
}

const changing = (
  "openSync writeSync write fsyncSync fsync fdatasyncSync fdatasync ftruncateSync renameSync linkSync symlinkSync " +
  "unlinkSync mkdirSync rmdirSync"
).split(" ") as (keyof FileSystem)[];

let callsMade = 0;
let beforeCall: (nth: number) => void = () => undefined;

const handlers = {
  act: async ({ directory, steps, cut }: Command & { do: "act" }): Promise<Ending> => {
    let isOff = false;
    const goDark = (waits: boolean): void => {
      if (isOff) return;
      isOff = true;
      writeSync(1, waits ? "cut\n" : "cut meanwhile\n");
      if (waits) readLine();
    };
    for (const [at, { operation, durability }] of steps.entries()) {
      callsMade = 0;
      beforeCall = (nth) => {
        if (cut.when !== "acknowledged" && cut.step === at && cut.call === nth) goDark(cut.when === "before");
      };
      try {
        await powerOperation(operation).run(directory, at + 1, durability);
      } catch (error) {
        const { code = "", stack = String(error) } = error as NodeJS.ErrnoException;
        beforeCall = () => undefined;
        // This error says that nothing was changed. It is held to that.
        return { begun: code === "ERR_WRITE_FAILED" ? at : at + 1, failure: { code, message: stack } };
      }
      writeSync(1, `acknowledged ${at + 1}\n`);
      if (cut.step === at) goDark(true);
    }
    beforeCall = () => undefined;
    return { begun: steps.length };
  },
  inspect: async ({ directory, operations }: Command & { do: "inspect" }) => {
    const inspected = await inspect(directory, operations);
    rmSync(directory, { recursive: true, force: true });
    return inspected;
  },
  count: async ({ directory }: Command & { do: "count" }): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const operation of powerOperations) {
      const each = [];
      for (const round of [1, 2]) {
        callsMade = 0;
        await operation.run(directory, round + Object.keys(counts).length * 2, "disk");
        each.push(callsMade);
      }
      counts[operation.name] = Math.max(...each);
    }
    flushCompileCache(); // of the packages, too
    return counts;
  },
  sabotage: ({ what }: Command & { do: "sabotage" }): undefined => {
    sabotage(what);
  },
};

/** Has `beforeCall` called before each file call that changes something. */
function watchCalls(): void {
  const underneath = { ...files } as unknown as Record<string, (...args: unknown[]) => unknown>;
  const watched = changing.map((name) => [
    name,
    (...args: unknown[]) => {
      beforeCall((callsMade += 1));
      return underneath[name]?.(...args);
    },
  ]);
  substituteFileSystem(Object.fromEntries(watched) as Partial<FileSystem>);
}

let unread = "";
const buffer = Buffer.alloc(65_536);

function readLine(): string | undefined {
  for (let end = unread.indexOf("\n"); ; end = unread.indexOf("\n")) {
    if (end !== -1) {
      const line = unread.slice(0, end);
      unread = unread.slice(end + 1);
      return line;
    }
    const count = readSome();
    if (count === 0) return undefined;
    unread += buffer.toString("utf8", 0, count);
  }
}

/** Standard input may be one that does not wait by itself. */
function readSome(): number {
  for (;;) {
    try {
      return readSync(0, buffer, 0, buffer.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

flushCompileCache(); // it will be killed: the next ones start three times as fast
watchCalls();
writeSync(1, "ready\n");
for (let line = readLine(); line !== undefined; line = readLine()) {
  const command = JSON.parse(line) as Command;
  const handler = handlers[command.do] as (command: Command) => unknown;
  writeSync(1, `done ${JSON.stringify((await handler(command)) ?? null)}\n`);
}
process.exit(); // whatever still waits: nobody is there to be told
