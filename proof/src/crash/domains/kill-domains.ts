import type { PartContext } from "../../harness/part.ts";
import { describe } from "../../harness/tally.ts";
import { withTemporaryDirectory } from "../../harness/temporary-directory.ts";
import { checkSyncs } from "../check-syncs.ts";
import { killAtEveryCall } from "../kill-every-call.ts";
import { domainNames, operationsOf } from "./all-domains.ts";
import { crashOperationOf } from "./domain-crash.ts";

/**
 * T1 of the domain packages: their calls are killed where they change something, and their acknowledgements are held to syncs.
 * @param chosen - Which operations, by name.
 */
export async function killDomains(
  context: PartContext,
  killsEach: number,
  chosen: (name: string) => boolean = () => true,
): Promise<void> {
  for (const domain of domainNames) {
    const operations = (await operationsOf(domain)).filter(({ name }) => chosen(name));
    for (const each of operations) {
      await withTemporaryDirectory(async (root) => {
        try {
          const operation = await crashOperationOf(each, root);
          await checkSyncs(context, root, operation.files.length === 0 ? [] : [operation]);
          await killAtEveryCall(context, root, { killsEach, befores: [0], operations: [operation] });
        } catch (error) {
          context.tally.fail(`T1: ${each.name}`, describe(error));
        }
      });
    }
  }
}
