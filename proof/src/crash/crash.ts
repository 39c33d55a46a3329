import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { wantedNames } from "../harness/wanted.ts";
import { checkSyncs } from "./check-syncs.ts";
import { killDomains } from "./domains/kill-domains.ts";
import { killAtEveryCall } from "./kill-every-call.ts";
import { crashOperations } from "./operations.ts";

/** T1: processes die at every call, and nothing acknowledged is lost, nothing torn, nothing stays locked. */
export async function crash(context: PartContext): Promise<void> {
  const befores = context.long ? [0, 1] : [0];
  const wanted = wantedNames();
  const operations = crashOperations.filter(({ name }) => wanted?.test(name) ?? true);
  await withTemporaryDirectory((root) => checkSyncs(context, root, operations));
  await withTemporaryDirectory((root) =>
    killAtEveryCall(context, root, { killsEach: Infinity, befores, operations }),
  );
  await killDomains(context, context.long ? Infinity : 2, (name) => wanted?.test(name) ?? true);
}
