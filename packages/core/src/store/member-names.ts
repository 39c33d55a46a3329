import type { LockLayout } from "../lock/lock-layout.ts";
import { foldStoreName } from "./store-name.ts";

interface Member {
  readonly name: string;
  readonly kind: "document" | "log";
  readonly layout: LockLayout;
}

/** What the names of one store mean: each of them one thing, with one lock. */
export class MemberNames {
  readonly #members = new Map<string, Member>();

  /** @throws {TypeError} it means something else already, or another name differs from it in capitals alone. */
  enter(name: string, kind: Member["kind"], layout: LockLayout): void {
    const key = foldStoreName(name);
    const known = this.#members.get(key);
    if (known === undefined) this.#members.set(key, { name, kind, layout });
    else if (known.name !== name)
      throw new TypeError(
        `${name} and ${known.name} differ in capitals alone: on many systems they are one file`,
      );
    else if (known.kind !== kind)
      throw new TypeError(`${name} is a ${known.kind}: it cannot be a ${kind} as well`);
    else if (known.layout !== layout && !isSameLock(known.layout, layout))
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
