import type { CrashOperation } from "./crash-operation.ts";
import { fileOperations } from "./file-operations.ts";
import { lockOperations } from "./lock-operations.ts";
import { recoveryOperations } from "./recovery-operations.ts";
import { rewriteOperations } from "./rewrite-operations.ts";
import { storeOperations } from "./store-operations.ts";
import { committing, transactOperations } from "./transact-operations.ts";

export const crashOperations: readonly CrashOperation[] = [
  ...transactOperations,
  ...rewriteOperations,
  ...recoveryOperations,
  ...lockOperations,
  ...fileOperations,
  ...storeOperations,
];

export function crashOperation(name: string): CrashOperation {
  const found = [...crashOperations, committing].find((operation) => operation.name === name);
  if (found === undefined) throw new RangeError(`no operation is called ${name}`);
  return found;
}
