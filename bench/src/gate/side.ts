/** One of the two that are compared: what it is, where it is laid out, and its name in what goes wrong. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface Side {
  /** Names of one length: a longer path would be more instructions. */
  readonly name: "base" | "head";
  /** A commit of this repository, or a directory with a checkout. */
  readonly what: string;
  readonly directory: string;
}

export type Sides = readonly [base: Side, head: Side];

/** A program that measures it. */
export function probeOf({ directory }: Side, name: "hot-paths" | "import-package"): string {
  return join(directory, `${name}.js`);
}

/** Whether it has a package of ours, once it is laid out. */
export function hasPackage({ directory }: Side, name: string): boolean {
  return existsSync(join(directory, "node_modules/@flockwork", name));
}

/** @throws {Error} that says on which side the work failed. */
export async function onSide<T>({ name, what }: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`the ${name}, ${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** Both at once. @throws {Error} that of the first which failed, when neither goes on: what they work in may be removed. */
export async function onBoth<T>(sides: Sides, work: (side: Side) => Promise<T>): Promise<readonly [T, T]> {
  const [base, head] = sides.map((side) => onSide(side, () => work(side))) as [Promise<T>, Promise<T>];
  await Promise.allSettled([base, head]);
  return Promise.all([base, head]);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
