/** What can be sent to look at a package: the smallest piece of the proof that concerns one promise. */
import { subjects } from "../conformance/subjects.ts";
import { examineStore } from "../conformance/examine.ts";
import { allCases } from "../conformance/cases/all-cases.ts";
import { backendConformance } from "../conformance/backends/backend-conformance.ts";
import { backends } from "../conformance/backends/backends.ts";
import { jumpClocks } from "../clock/clock.ts";
import { holdings } from "../clock/holdings.ts";
import { counterCases, counterSizes } from "../counter/counter.ts";
import { checkSyncs } from "../crash/check-syncs.ts";
import type { CrashOperation } from "../crash/crash-operation.ts";
import { domainNames, operationsOf } from "../crash/domains/all-domains.ts";
import { killDomains } from "../crash/domains/kill-domains.ts";
import { killAtEveryCall } from "../crash/kill-every-call.ts";
import { crashOperation } from "../crash/operations.ts";
import { lockSets, writeBesideReaders } from "../deadlock/deadlock.ts";
import { injectIntoDomains } from "../faults/domain-faults.ts";
import { injectEverywhere } from "../faults/faults.ts";
import { faultOperations } from "../faults/fault-operations.ts";
import { injectIntoKernel, kernelErrors } from "../faults/kernel-errors.ts";
import type { Part, PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { documents } from "../hostile/documents-and-logs.ts";
import { paths } from "../hostile/hostile.ts";
import { hostilePaths } from "../hostile/hostile-paths.ts";
import { lockFilesReplaced, lockFilesStay, nothingUnderLostLocks } from "../hostile/lock-files.ts";
import { secretsStay, valuesAreNotCommands } from "../hostile/secrets.ts";
import { terminal } from "../hostile/terminal.ts";
import { terminalLines } from "../hostile/terminal-lines.ts";
import { tornTails } from "../hostile/torn-tails.ts";
import { pauseHolders } from "../pause/pause.ts";
import { runTest } from "./run-test.ts";

/** Finds what a look is about, which is empty for one that is about nothing in particular. */
type Kind = (what: string) => Part | Promise<Part>;

/** By the words before the colon; what they are about stands after it. */
const kinds: Readonly<Record<string, Kind>> = {
  syncs: (what) => {
    const operations = [crashOperation(what)];
    return (context) => withTemporaryDirectory((root) => checkSyncs(context, root, operations));
  },
  kills: (what) => killing(16, crashOperation(what)),
  "kills at each change": (what) => killing(Infinity, { ...crashOperation(what), onlyChanging: true }),
  faults: (what) => {
    const operations = some(faultOperations, ({ name }) => name === what);
    return (context) => injectEverywhere(context, 2, operations);
  },
  "errors of the kernel": (what) => {
    const errors = some(kernelErrors, ({ operation }) => operation === what);
    return (context) => withTemporaryDirectory((root) => injectIntoKernel(context, root, errors));
  },
  "promise of the file store": (what) => {
    const cases = some(allCases, ({ promise }) => promise === what);
    const fileStores = some(subjects, ({ name }) => name === "fileStore");
    return async (context) => {
      for (const subject of fileStores) await examineStore(context, subject, cases);
    };
  },
  backend: (what) => {
    const chosen = some(backends, ({ name }) => name === what);
    return (context) => backendConformance(context, chosen);
  },
  counter: (what) => {
    const cases = some([...counterCases(counterSizes.test)], ([name]) => name.includes(what));
    return async ({ tally }) => {
      for (const [name, run] of cases)
        await tally.check(name, () => withTemporaryDirectory((directory) => run(directory, tally)));
    };
  },
  clocks: (what) => {
    const chosen = some(Object.keys(holdings), (name) => name === what);
    return (context) => jumpClocks(context, { rounds: 20 }, chosen);
  },
  pauses: always((context) => pauseHolders(context, { pauses: 3, atOnce: 3 })),
  "sets of locks": always((context) => lockSets(context, 400)),
  "writers beside readers": always((context) => writeBesideReaders(context, 5, "ours", 10_000)),
  domains: async (what) => {
    const operations = (await Promise.all(domainNames.map(operationsOf))).flat();
    some(operations, ({ name }) => name === what);
    return (context) => killDomains(context, 10, (name) => name === what);
  },
  "faults of a domain": async (what) => {
    const operations = (await Promise.all(domainNames.map(operationsOf))).flat();
    some(operations, ({ name }) => name === what);
    return (context) => injectIntoDomains(context, { faultsEach: 60, chosen: (name) => name === what });
  },
  "torn tails": always(tornTails),
  "hostile paths": (what) => {
    const chosen = some(hostilePaths, ({ name }) => name.startsWith(what));
    return (context) => paths(context, chosen);
  },
  "hostile documents": always(documents),
  secrets: always(secretsStay),
  SQL: always(valuesAreNotCommands),
  terminals: (what) => {
    const lines = some(terminalLines, ({ args }) => args[0] === what);
    return (context) => terminal(context, lines);
  },
  "lock files stay": always(lockFilesStay),
  "locks taken away": always(nothingUnderLostLocks),
  "lock files replaced": always(lockFilesReplaced),
  test: (what) => {
    const [file = "", ...title] = what.split(": ");
    return (context) => runTest(context, file, title.join(": "));
  },
};

/** @throws {RangeError} no look is called that, or what it is about is no longer there. */
export async function lookCalled(name: string): Promise<Part> {
  const kind = name.replace(/: .*/, "");
  const look = kinds[kind];
  if (look === undefined) throw new RangeError(`no look is called ${name}`);
  return look(name.slice(kind.length + ": ".length));
}

function killing(killsEach: number, operation: CrashOperation): Part {
  return (context) =>
    withTemporaryDirectory((root) =>
      killAtEveryCall(context, root, { killsEach, befores: [0], operations: [operation] }),
    );
}

/** A look that is about nothing in particular. */
function always(look: (context: PartContext) => Promise<unknown>): Kind {
  return (what) => {
    if (what !== "") throw new RangeError(`there is nothing to choose, and so no ${what}`);
    return async (context) => void (await look(context));
  };
}

/** Those that are meant: a name that nothing bears any more would be a look at nothing. */
function some<T>(all: readonly T[], meant: (one: T) => boolean): T[] {
  const found = all.filter(meant);
  if (found.length === 0) throw new RangeError("nothing is called that any more");
  return found;
}
