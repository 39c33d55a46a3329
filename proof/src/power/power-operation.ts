import { type Durability, fileStore } from "../harness/core.ts";

/** What lies in a directory, by the name of the subject. */
export type Holdings = Readonly<Record<string, unknown>>;

/** Something that operations change, and that must read as one of its states after any loss of power. */
export interface Subject {
  /** What it holds in an empty directory. */
  readonly empty: unknown;
  /** What it holds for whoever comes next, under its lock where there is one. */
  observe(directory: string): Promise<unknown>;
  /** Its file, where a tail without a newline is torn, and must be kept aside (P5). */
  readonly log?: string;
}

/** A public operation whose effect is known, so that a script of them has known states. */
export interface PowerOperation {
  readonly name: string;
  readonly subjects: readonly string[];
  /** What is there once it is done. `round` is another one each time. */
  apply(held: Holdings, round: number): Holdings;
  run(directory: string, round: number, durability: Durability): unknown;
  /**
   * Set where nothing marks what it does as a whole, of its one subject: what may be found of it when nobody was told that it is
   * done. Without, it is there or it is not.
   */
  isPart?(found: unknown, before: unknown, after: unknown): boolean;
  /** Set where it also runs at durability `os`. */
  readonly atOs?: boolean;
}

/** Reads without a lock do not finish the commit of several files that a crash interrupted; whoever takes the lock of one does. */
export async function finishCommit(
  directory: string,
  name: string,
  layout: "sidecar" | "gastown" | "flowforge",
): Promise<void> {
  await fileStore(directory)
    .lock(name, { layout })
    .withWrite(() => undefined);
}
