/** Whether the judge of the domain packages' calls sees that one was acknowledged and is not there. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { domainNames, operationsOf } from "../src/crash/domains/all-domains.ts";
import { crashOperationOf } from "../src/crash/domains/domain-crash.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";

const domains = await Promise.all(domainNames.map(operationsOf));
const operations = domains.flat().filter(({ undoes }) => undoes !== true);

test.for(operations)("$name: its loss is seen, and nothing where it stands", async (domain) => {
  await withTemporaryDirectory(async (root) => {
    const operation = await crashOperationOf(domain, root);
    const [lost, kept] = [join(root, "lost"), join(root, "kept")];
    for (const directory of [lost, kept])
      cpSync(operation.startFrom ?? "", directory, { recursive: true, verbatimSymlinks: true });
    await operation.run(kept, 1);
    await operation.verify?.({ directory: kept, acknowledged: 1, begun: 1 });
    await expect(operation.verify?.({ directory: lost, acknowledged: 1, begun: 1 })).rejects.toThrow(
      /acknowledged, and/,
    );
  });
});
