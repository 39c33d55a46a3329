import { UnsafePathError } from "../errors.ts";
import type { LockLayout } from "../lock/lock-layout.ts";
import { foldStoreName } from "./store-name.ts";

interface Member {
  readonly name: string;
  /** Undefined while the name has only been used for a lock. */
  readonly kind: "document" | "log" | undefined;
  readonly layout: LockLayout;
}

const lockSuffixes = [".lock", ".flock", ".gate", ".lock.gate"] as const;

/** What the names of one store mean: each of them one thing, with one lock. */
export class MemberNames {
  readonly #members = new Map<string, Member>();

  /**
   * @throws {TypeError} it means something else already.
   * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: another name differs from it in capitals alone, or is that of its lock.
   */
  enter(name: string, kind: Member["kind"], layout: LockLayout): void {
    const key = foldStoreName(name);
    this.#refuseLockOf(key, name);
    const known = this.#members.get(key);
    if (known === undefined) this.#members.set(key, { name, kind, layout });
    else this.#check(known, { name, kind, layout });
    if (known !== undefined && known.kind === undefined) this.#members.set(key, { ...known, kind });
  }

  /** The layout of the lock of a name: that of its document or log, where there is one and no other is asked for. */
  layoutOf(name: string): LockLayout | undefined {
    return this.#members.get(foldStoreName(name))?.layout;
  }

  /** A lock lies beside its file, as `<name>.lock`: whoever wrote that would replace the lock under its holders. */
  #refuseLockOf(key: string, name: string): void {
    const protects = lockSuffixes
      .filter((suffix) => key.endsWith(suffix))
      .map((suffix) => key.slice(0, -suffix.length));
    const protectedBy = lockSuffixes.map((suffix) => key + suffix);
    const found = [...protects, ...protectedBy].find((other) => this.#members.has(other));
    const other = found === undefined ? undefined : this.#members.get(found);
    if (other !== undefined)
      throw new UnsafePathError(
        name,
        `${name} and ${other.name} cannot be in one store: one is where the lock of the other lies`,
      );
  }

  #check(known: Member, { name, kind, layout }: Member): void {
    if (known.name !== name)
      throw new UnsafePathError(
        name,
        `${name} and ${known.name} differ in capitals alone: on many systems they are one file`,
      );
    if (known.kind !== undefined && kind !== undefined && known.kind !== kind)
      throw new TypeError(`${name} is a ${known.kind}: it cannot be a ${kind} as well`);
    if (known.layout !== layout && !isSameLock(known.layout, layout))
      throw new TypeError(
        `${name} has the layout ${known.layout.name}; with ${layout.name} as well, its writers would not exclude each other`,
      );
  }
}

/** Layouts are made anew by their functions: what counts is where they put the locks. */
function isSameLock(one: LockLayout, other: LockLayout): boolean {
  const sample = "/.flowforge/sample.json";
  return (
    one.name === other.name &&
    JSON.stringify(one.locate(sample).legs) === JSON.stringify(other.locate(sample).legs)
  );
}
