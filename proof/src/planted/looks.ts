/** What can be sent to look at a package: the smallest piece of the proof that concerns one promise. */
import { subjects } from "../conformance/subjects.ts";
import { examineStore } from "../conformance/examine.ts";
import { allCases } from "../conformance/cases/all-cases.ts";
import { backendConformance } from "../conformance/backends/backend-conformance.ts";
import { backends } from "../conformance/backends/backends.ts";
import { jumpClocks } from "../clock/clock.ts";
import { counterCases, counterSizes } from "../counter/counter.ts";
import { checkSyncs } from "../crash/check-syncs.ts";
import { killDomains } from "../crash/domains/kill-domains.ts";
import { killAtEveryCall } from "../crash/kill-every-call.ts";
import { crashOperation } from "../crash/operations.ts";
import { lockSets, writeBesideReaders } from "../deadlock/deadlock.ts";
import { injectEverywhere } from "../faults/faults.ts";
import { faultOperations } from "../faults/fault-operations.ts";
import { injectIntoKernel, kernelErrors } from "../faults/kernel-errors.ts";
import type { Part, PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { documents, paths } from "../hostile/hostile.ts";
import { hostilePaths } from "../hostile/hostile-paths.ts";
import { lockFilesReplaced, lockFilesStay, nothingUnderLostLocks } from "../hostile/lock-files.ts";
import { secretsStay, valuesAreNotCommands } from "../hostile/secrets.ts";
import { tornTails } from "../hostile/torn-tails.ts";
import { pauseHolders } from "../pause/pause.ts";

type Look = (context: PartContext, what: string) => Promise<unknown>;

/** By the words before the colon; what they are about stands after it. */
const kinds: Readonly<Record<string, Look>> = {
  syncs: (context, what) =>
    withTemporaryDirectory((root) => checkSyncs(context, root, [crashOperation(what)])),
  kills: (context, what) =>
    withTemporaryDirectory((root) =>
      killAtEveryCall(context, root, {
        killsEach: 16,
        befores: [0],
        operations: [crashOperation(what)],
      }),
    ),
  "kills at each change": (context, what) =>
    withTemporaryDirectory((root) =>
      killAtEveryCall(context, root, {
        killsEach: Infinity,
        befores: [0],
        operations: [{ ...crashOperation(what), onlyChanging: true }],
      }),
    ),
  faults: (context, what) =>
    injectEverywhere(
      context,
      2,
      faultOperations.filter(({ name }) => name === what),
    ),
  "errors of the kernel": (context, what) =>
    withTemporaryDirectory((root) =>
      injectIntoKernel(
        context,
        root,
        kernelErrors.filter(({ operation }) => operation === what),
      ),
    ),
  "promise of the file store": async (context, what) => {
    const cases = allCases.filter(({ promise }) => promise === what);
    for (const subject of subjects.filter(({ name }) => name === "fileStore"))
      await examineStore(context, subject, cases);
  },
  backend: (context, what) =>
    backendConformance(
      context,
      backends.filter(({ name }) => name === what),
    ),
  counter: async ({ tally }, what) => {
    for (const [name, run] of counterCases(counterSizes.test))
      if (name.includes(what))
        await tally.check(name, () => withTemporaryDirectory((directory) => run(directory, tally)));
  },
  clocks: (context, what) => jumpClocks(context, { rounds: 20 }, [what]),
  pauses: (context) => pauseHolders(context, { pauses: 3, atOnce: 3 }),
  "sets of locks": (context) => lockSets(context, 400),
  "writers beside readers": (context) => writeBesideReaders(context, 5, "ours", 10_000),
  domains: (context, what) => killDomains(context, 10, (name) => name === what),
  "torn tails": tornTails,
  "hostile paths": (context, what) =>
    paths(
      context,
      hostilePaths.filter(({ name }) => name.startsWith(what)),
    ),
  "hostile documents": documents,
  secrets: secretsStay,
  SQL: valuesAreNotCommands,
  "lock files stay": lockFilesStay,
  "locks taken away": nothingUnderLostLocks,
  "lock files replaced": lockFilesReplaced,
};

/** @throws {RangeError} no look is called that. */
export function lookCalled(name: string): Part {
  const kind = name.replace(/: .*/, "");
  const what = name.slice(kind.length + ": ".length);
  const look = kinds[kind];
  if (look === undefined) throw new RangeError(`no look is called ${name}`);
  return async (context) => void (await look(context, what));
}
