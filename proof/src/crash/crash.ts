import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { isWanted, wantedNames } from "../harness/wanted.ts";
import { checkSyncs } from "./check-syncs.ts";
import { killDomains } from "./domains/kill-domains.ts";
import { killAtEveryCall } from "./kill-every-call.ts";
import type { Random } from "../harness/random.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { crashOperations } from "./operations.ts";

/** T1: processes die at every call, and nothing acknowledged is lost, nothing torn, nothing stays locked. */
export async function crash(context: PartContext): Promise<void> {
  const befores = context.long ? [0, 1] : [0];
  const all = crashOperations.filter(({ name }) => isWanted(name));
  const operations = context.long || wantedNames() !== undefined ? all : oneOfEachKind(all, context.random);
  await withTemporaryDirectory((root) => checkSyncs(context, root, operations));
  await withTemporaryDirectory((root) =>
    killAtEveryCall(context, root, { killsEach: Infinity, befores, operations }),
  );
  await killDomains(context, context.long ? Infinity : 2, isWanted);
}

/** Of those that differ only in who comes by afterwards, and of the recoveries, one by the seed: each has hundreds of calls. */
function oneOfEachKind(operations: readonly CrashOperation[], random: Random): readonly CrashOperation[] {
  const kindOf = ({ name }: CrashOperation): string => name.replace(/^(recovery) .*|, then .*/, "$1");
  return [...Map.groupBy(operations, kindOf).values()].map((kind) => random.pick(kind));
}
