import { fileNemesis } from "./file-nemesis.ts";
import { fileFactory } from "./file-stores.ts";
import { memoryFactory, memoryNemesis } from "./memory-stores.ts";
import type { Nemesis, StoreFactory } from "./subject.ts";

/** A store under examination. */
export interface Subject {
  readonly name: string;
  readonly factory: StoreFactory;
  readonly nemesis: Nemesis;
  /** The same with chance deciding how calls interleave, where the store can. */
  readonly chancy: (seed: number) => StoreFactory;
}

/** Where calls interleave no disk is asked to keep anything. */
const inMemory = fileFactory(undefined, { inMemory: true });

/** Every store there is, the oracle first. */
export const subjects: readonly Subject[] = [
  {
    name: "memoryStore",
    factory: memoryFactory(),
    nemesis: memoryNemesis,
    chancy: (seed) => memoryFactory(undefined, seed),
  },
  { name: "fileStore", factory: fileFactory(), nemesis: fileNemesis, chancy: () => inMemory },
];
