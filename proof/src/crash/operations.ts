import type { CrashOperation } from "./crash-operation.ts";
import { dropInOperations } from "./drop-in-operations.ts";
import { fileOperations } from "./file-operations.ts";
import { leaseOperations } from "./lease-operations.ts";
import { lockOperations } from "./lock-operations.ts";
import { memberOperations } from "./member-operations.ts";
import { recoveryOperations } from "./recovery-operations.ts";
import { rewriteOperations } from "./rewrite-operations.ts";
import { storeOperations } from "./store-operations.ts";
import { tendingOperations } from "./tending-operations.ts";
import { committing, transactOperations } from "./transact-operations.ts";

export const crashOperations: readonly CrashOperation[] = [
  ...transactOperations,
  ...rewriteOperations,
  ...recoveryOperations,
  ...lockOperations,
  ...tendingOperations,
  ...leaseOperations,
  ...fileOperations,
  ...dropInOperations,
  ...storeOperations,
  ...memberOperations,
];

export function crashOperation(name: string): CrashOperation {
  const found = [...crashOperations, committing].find((operation) => operation.name === name);
  if (found === undefined) throw new RangeError(`no operation is called ${name}`);
  return found;
}
