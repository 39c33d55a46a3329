import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ReadFailedError } from "../../harness/core.ts";
import type { Target } from "../target.ts";

const broken = (name: string, run: (path: string) => unknown): Target => ({
  name: `broken: ${name}`,
  prepare: (directory) => writeFileSync(join(directory, "a.json"), '{"list":[1,2],"text":"abc"}\n'),
  calls: (_directory, mutated) => [["read", () => run(mutated)]],
});

const kept: unknown[] = [];

/** Parsers with the faults that fuzzing is there to find. */
export const brokenTargets: readonly Target[] = [
  broken("untyped", (path) => {
    if (!readFileSync(path, "latin1").startsWith('{"list":['))
      (undefined as unknown as { x: string }).x.trim();
  }),
  broken("rejects later", (path) => {
    if (!readFileSync(path, "latin1").startsWith('{"list":[')) void Promise.reject(new Error("nobody looks"));
  }),
  broken("pollutes", (path) => {
    if (readFileSync(path, "latin1").includes("__proto__"))
      Object.assign(Object.prototype, { polluted: true });
  }),
  broken("changes what it refuses", (path) => {
    writeFileSync(path, "{}");
    throw new ReadFailedError(path, new Error("no"));
  }),
  broken("hangs", () => new Promise(() => undefined)),
  broken("spins", () => {
    for (;;);
  }),
  broken("grows", () => void kept.push(Buffer.alloc(64 << 20, 1))),
];
