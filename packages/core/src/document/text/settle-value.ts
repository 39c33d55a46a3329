import { DocumentInvalidError, TooLargeError } from "../../errors.ts";
import { isInvalidDate } from "../../invalid-date.ts";
import type { OriginTree } from "./draft-origins.ts";
import { depthOf, isContainer, protoKeyError } from "./freeze-json.ts";
import type { JsonSource } from "./json-source.ts";
import { settleElements } from "./settle-elements.ts";

/** Which container of the source a new container descends from; chains across several changes of one source. */
export type Partners = Map<object, object>;

/** What settling a value is held to, and what it is to be written over. */
export interface SettleContext {
  readonly path: string;
  readonly maxDepth: number;
  /** The text the value will be merged into; undefined for a file that does not exist yet. */
  readonly source: JsonSource | undefined;
  readonly partners: Partners;
}

/** A frozen JSON value that shares with its base every part that is equal. */
export interface Settled {
  readonly value: unknown;
  /** Holds a BigInt that its base did not: it needs a writer other than JSON.stringify. */
  readonly gainedBigInt: boolean;
  /** Characters written for parts the base did not have, white space included: an upper bound, unless parts were copied. */
  readonly addedChars: number;
}

/**
 * Makes of any value the JSON value it is written as: `undefined` members dropped, `toJSON` called, frozen, members in the
 * order of their base. Equal to its base, it is its base. The given value is not touched.
 *
 * @throws {DocumentInvalidError} with the path of the first part JSON cannot hold.
 * @throws {TooLargeError} when it nests deeper than `maxDepth`.
 */
export function settleValue(
  context: SettleContext,
  next: unknown,
  base: unknown,
  origins?: OriginTree,
): Settled {
  const settling = new Settling(context);
  const value = settling.settle(next, base, origins);
  const depth = settling.moved ? depthOf(value) : 0;
  if (depth > context.maxDepth) throw new TooLargeError(context.path, "maxDepth", context.maxDepth, depth);
  return { value, gainedBigInt: settling.gainedBigInt, addedChars: settling.addedChars };
}

class Settling {
  gainedBigInt = false;
  addedChars = 0;
  /** Whether a known part turned up in another place, where it may nest too deep. */
  moved = false;
  readonly #context: SettleContext;
  /** Whether it matters which part descends from which: only where bytes are merged. */
  readonly #merging: boolean;
  readonly #keys: (string | number)[] = [];
  readonly #ancestors = new Set<object>();

  constructor(context: SettleContext) {
    this.#context = context;
    this.#merging = context.source !== undefined && context.source.canonical === false;
  }

  settle(next: unknown, base: unknown, origins: OriginTree | undefined): unknown {
    if (next === base && next !== undefined) return base;
    this.#count(next);
    switch (typeof next) {
      case "string":
      case "boolean":
        return next;
      case "number":
        return this.#number(next);
      case "bigint":
        if (next >= -maxSafe && next <= maxSafe) return this.settle(Number(next), base, undefined);
        this.gainedBigInt = true;
        return next;
      case "object":
        return next === null ? null : this.#object(next, base, origins);
      default:
        throw this.#invalid(next === undefined ? "undefined is not JSON" : `a ${typeof next} is not JSON`);
    }
  }

  #count(value: unknown): void {
    const key = this.#keys.at(-1);
    const own =
      typeof value === "string" ? value.length : typeof value === "bigint" ? String(value).length : 4;
    this.addedChars += own + 4 + (typeof key === "string" ? key.length : 0) + 2 * this.#ancestors.size;
  }

  #number(value: number): number {
    if (!Number.isFinite(value)) throw this.#invalid(`${value} is not JSON`);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw this.#invalid(`${value} is past 2^53, where numbers are not exact: write a BigInt or a string`);
    }
    return value === 0 ? 0 : value;
  }

  #object(next: object, base: unknown, origins: OriginTree | undefined): unknown {
    if (!isPlain(next)) return this.#converted(next, base);
    if (this.#merging && Object.isFrozen(next) && this.#isKnown(next)) {
      this.moved = true;
      return next;
    }
    if (this.#ancestors.has(next)) throw this.#invalid("the value contains itself");
    const { maxDepth, path } = this.#context;
    const depth = this.#ancestors.size + 1;
    if (depth > maxDepth) throw new TooLargeError(path, "maxDepth", maxDepth, depth);
    const origin = origins?.origin ?? base;
    if (origin !== base) this.moved = true;
    const partner = isContainer(origin) && Array.isArray(origin) === Array.isArray(next) ? origin : undefined;
    this.#ancestors.add(next);
    const settled = Array.isArray(next)
      ? settleElements(next, (partner ?? []) as readonly unknown[], {
          settleAt: (index, before) => this.#element(next, index, before, origins),
          origins: this.#merging ? origins : undefined,
          equalIsSame: this.#context.source?.lossy !== true,
        })
      : this.#members(next, (partner ?? {}) as Record<string, unknown>, origins);
    this.#ancestors.delete(next);
    if (partner !== undefined && settled === undefined) return partner;
    const value = Object.freeze(settled ?? (Array.isArray(next) ? [] : {}));
    if (partner !== undefined && this.#merging) this.#context.partners.set(value, partner);
    return value;
  }

  /** What toJSON makes of an object, once, as JSON.stringify does. Without one, JSON would lose what the object holds. */
  #converted(value: object, base: unknown): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== "function") {
      throw this.#invalid(`${describe(value)} is not JSON: store plain objects and arrays`);
    }
    if (isInvalidDate(value)) throw this.#invalid("an invalid Date is not JSON");
    const converted: unknown = toJSON.call(value, String(this.#keys.at(-1) ?? ""));
    if (isContainer(converted) && !isPlain(converted))
      throw this.#invalid(`toJSON gave ${describe(converted)}`);
    return this.settle(converted, base, undefined);
  }

  /** The members in the order of the base, new ones behind; undefined when all equal the base's. */
  #members(next: object, base: Record<string, unknown>, origins: OriginTree | undefined): object | undefined {
    const source = next as Record<string, unknown>;
    if (Object.hasOwn(next, "__proto__"))
      throw protoKeyError(this.#context.path, [...this.#keys, "__proto__"]);
    const result: Record<string, unknown> = {};
    let same = true;
    const take = (key: string, member: unknown): void => {
      this.#keys.push(key);
      const before = Object.hasOwn(base, key) ? base[key] : undefined;
      const settled = this.settle(member, before, origins?.children.get(key));
      this.#keys.pop();
      same &&= settled === before;
      result[key] = settled;
    };
    for (const key of Object.keys(base)) {
      const member = Object.hasOwn(next, key) ? source[key] : undefined;
      if (member === undefined) same = false;
      else take(key, member);
    }
    for (const key of Object.keys(next)) {
      if (Object.hasOwn(base, key)) continue;
      const member = source[key];
      if (member !== undefined) take(key, member);
    }
    return same ? undefined : result;
  }

  #element(
    next: readonly unknown[],
    index: number,
    before: unknown,
    origins: OriginTree | undefined,
  ): unknown {
    this.#keys.push(index);
    const settled = this.settle(next[index], before, origins?.children.get(String(index)));
    this.#keys.pop();
    return settled;
  }

  #isKnown(container: object): boolean {
    return this.#context.partners.has(container) || this.#context.source?.layout.knows(container) === true;
  }

  #invalid(message: string): DocumentInvalidError {
    return new DocumentInvalidError(this.#context.path, [{ message, path: [...this.#keys] }]);
  }
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // The Object.prototype of another realm counts: it is the one whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: object): string {
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an object with a prototype";
}
