import type { CrashOperation } from "./crash-operation.ts";
import { fileOperations } from "./file-operations.ts";
import { lockOperations } from "./lock-operations.ts";
import { storeOperations } from "./store-operations.ts";

export const crashOperations: readonly CrashOperation[] = [
  ...lockOperations,
  ...fileOperations,
  ...storeOperations,
];

export function crashOperation(name: string): CrashOperation {
  const found = crashOperations.find((operation) => operation.name === name);
  if (found === undefined) throw new RangeError(`no operation is called ${name}`);
  return found;
}
