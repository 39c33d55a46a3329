/** Program: runs the whole contract with one backend, in a process of its own, since a binding is chosen once for each. */
import { bindingInUse, withWriteLock } from "../../harness/core.ts";
import { describe } from "../../harness/tally.ts";
import { withTemporaryDirectory } from "../../harness/temporary-directory.ts";
import { backends } from "./backends.ts";
import { Peer, type Backend, type ContractCase } from "./contract.ts";
import { lockContract } from "./lock-contract.ts";
import { fileContract } from "./file-contract.ts";

/** One line for each case, as JSON. */
export interface CaseOutcome {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly why?: string;
}

export const contract: readonly ContractCase[] = [...lockContract, ...fileContract];

function say(outcome: CaseOutcome): void {
  console.log(JSON.stringify(outcome));
}

/** Why the backend cannot be had here, or undefined. */
async function probe({ options, binding }: Backend): Promise<string | undefined> {
  return withTemporaryDirectory(async (directory) => {
    try {
      await withWriteLock(`${directory}/probe`, () => undefined, options);
    } catch (error) {
      return (error as Error).message;
    }
    const used = bindingInUse();
    return binding === undefined || used === binding ? undefined : `${used} was used instead`;
  });
}

/** Peers that no case needs any more: starting one takes longer than most cases. */
const idle: Peer[] = [];

async function putBack(peer: Peer): Promise<void> {
  const answer = await Promise.race([peer.tell({ verb: "let go", path: "" }), soon()]);
  if (answer === "let go") idle.push(peer);
  else await peer.kill(); // it is still at work for a case that failed
}

function soon(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve("too late"), 1_000).unref());
}

async function run(backend: Backend, { name, run: runCase }: ContractCase): Promise<CaseOutcome> {
  const peers: Peer[] = [];
  const peer = async (): Promise<Peer> => {
    const started = idle.pop() ?? (await Peer.start(backend.options));
    peers.push(started);
    return started;
  };
  try {
    const { options } = backend;
    await withTemporaryDirectory((directory) => runCase({ directory, options, peer }));
    return { name, outcome: "passed" };
  } catch (error) {
    return { name, outcome: "failed", why: describe(error) };
  } finally {
    for (const each of peers) if (each.isAlive) await putBack(each);
  }
}

const backend = backends.find(({ name }) => name === process.argv[2]);
if (backend !== undefined) {
  const missing = await probe(backend);
  for (const each of contract) {
    if (missing !== undefined) say({ name: each.name, outcome: "skipped", why: missing });
    else if (each.needsShared === true && !backend.shared)
      say({ name: each.name, outcome: "skipped", why: "it has no shared mode and is a lease" });
    else say(await run(backend, each));
  }
  await Promise.all(idle.map((each) => each.kill()));
  process.exit(0);
}
