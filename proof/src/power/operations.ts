import { fileOperations, fileSubjects } from "./file-operations.ts";
import { messageOperations, messageSubjects } from "./message-operations.ts";
import { packageOperations, packageSubjects } from "./package-operations.ts";
import type { Holdings, PowerOperation, Subject } from "./power-operation.ts";
import { sessionOperations, sessionSubjects } from "./session-operations.ts";
import { committingOperations, storeOperations, storeSubjects } from "./store-operations.ts";
import { trackerOperations, trackerSubjects } from "./tracker-operations.ts";

const subjects: Readonly<Record<string, Subject>> = {
  ...fileSubjects,
  ...storeSubjects,
  ...packageSubjects,
  ...messageSubjects,
  ...sessionSubjects,
  ...trackerSubjects,
};

export const coreOperations: readonly PowerOperation[] = [
  ...storeOperations,
  ...committingOperations,
  ...fileOperations,
];

export const powerOperations: readonly PowerOperation[] = [
  ...coreOperations,
  ...packageOperations,
  ...messageOperations,
  ...sessionOperations,
  ...trackerOperations,
];

export function powerOperation(name: string): PowerOperation {
  const found = powerOperations.find((operation) => operation.name === name);
  if (found === undefined) throw new RangeError(`no operation is called ${name}`);
  return found;
}

export function subjectNamed(name: string): Subject {
  const found = subjects[name];
  if (found === undefined) throw new RangeError(`nothing is called ${name}`);
  return found;
}

/** What the operations change. */
export function subjectsOf(operations: readonly PowerOperation[]): string[] {
  return [...new Set(operations.flatMap((operation) => operation.subjects))];
}

/** What is there before the first of them. */
export function nothingYet(names: readonly string[]): Holdings {
  return Object.fromEntries(names.map((name) => [name, subjectNamed(name).empty]));
}
