/** Where a call of a domain package is made while one of its file calls fails. */
import { bundled } from "../harness/bundled.ts";
import { Program } from "../harness/program.ts";
import { attempt, type Attempt } from "./attempt.ts";
import { withFault, type Fault } from "./fault-plan.ts";
import { orHang } from "./waiting.ts";

export interface DomainRuns {
  /** The calls that it makes, and how often, where none fails. */
  callsOf(directory: string): Promise<ReadonlyMap<string, number>>;
  /** @throws the operation never settles. */
  attempt(fault: Fault, directory: string): Promise<Attempt>;
}

/** In this process. */
export function runsHere(run: (directory: string) => unknown): DomainRuns {
  return {
    callsOf: (directory) => withFault(undefined, () => orHang(async () => void (await run(directory)))),
    attempt: (fault, directory) => attempt(fault, () => run(directory)),
  };
}

/** How a run in a process of its own ended, as that tells it. */
export interface RunApart {
  readonly counts: readonly (readonly [string, number])[];
  readonly isReached: boolean;
  readonly failure?: { readonly message: string; readonly code?: unknown; readonly retryable?: unknown };
}

const program = new URL("domain-run.ts", import.meta.url);

/** Each in a process of its own, which is killed after it: what could not be given back ends with it. */
export function runsApart(name: string): DomainRuns {
  const run = async (directory: string, fault?: Fault): Promise<RunApart> => {
    const faulty = Program.node(await bundled(program), [name, directory, JSON.stringify(fault ?? null)]);
    try {
      return JSON.parse(await faulty.line()) as RunApart;
    } finally {
      faulty.kill();
      await faulty.exited;
    }
  };
  return {
    callsOf: async (directory) => new Map((await run(directory)).counts),
    async attempt(fault, directory) {
      const { isReached, failure } = await run(directory, fault);
      if (failure === undefined) return { isReached, failure };
      const { message, ...rest } = failure;
      return { isReached, failure: { error: Object.assign(new Error(message), rest) } };
    },
  };
}
