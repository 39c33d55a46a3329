import { DocumentInvalidError, TooLargeError } from "../../errors.ts";

/** What a walk over a parsed value must hold it to. */
export interface FreezeLimits {
  readonly maxDepth: number;
  /** Look for own `__proto__` keys. Costs a look-up an object, so only where the text can hold one. */
  readonly refuseProtoKeys: boolean;
}

/**
 * Freezes a parsed JSON value all through, level by level, so that no depth overflows the stack. Returns how deep it nests
 * (0 for a primitive).
 *
 * An own `__proto__` key is harmless where it is, but becomes a prototype at the first `copy[key] = value`: it is refused.
 *
 * @throws {TooLargeError} when it nests deeper than `maxDepth`.
 * @throws {DocumentInvalidError} when an object has an own `__proto__` key.
 */
export function freezeJson(path: string, root: unknown, limits: FreezeLimits): number {
  let level: object[] = isContainer(root) ? [root] : [];
  let depth = 0;
  while (level.length > 0) {
    depth += 1;
    if (depth > limits.maxDepth) throw new TooLargeError(path, "maxDepth", limits.maxDepth, depth);
    const next: object[] = [];
    for (const container of level) {
      if (limits.refuseProtoKeys && Object.hasOwn(container, "__proto__")) throw protoKeyError(path);
      const children: readonly unknown[] = Array.isArray(container) ? container : Object.values(container);
      for (const child of children) if (typeof child === "object" && child !== null) next.push(child);
      Object.freeze(container);
    }
    level = next;
  }
  return depth;
}

/** How deep a JSON value nests: 0 for a primitive, 1 for a flat object. */
export function depthOf(root: unknown): number {
  let level: object[] = isContainer(root) ? [root] : [];
  let depth = 0;
  for (; level.length > 0; depth += 1) {
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return depth;
}

/** An object or an array. */
export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

export function protoKeyError(path: string, keys: readonly (string | number)[] = []): DocumentInvalidError {
  const message = 'an object has an own key "__proto__", which would become a prototype when copied';
  return new DocumentInvalidError(path, [{ message, path: keys }]);
}
