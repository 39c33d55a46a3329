/** What `frozenCopy` made. */
const frozen = new WeakSet<object>();

/** A frozen copy; what is frozen is not copied again. */
export function frozenCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null || frozen.has(value)) return value;
  if (value instanceof Date) return value.toJSON(); // as it is written
  const copy = Array.isArray(value) ? value.map(frozenCopy) : copyOfObject(value);
  frozen.add(Object.freeze(copy));
  return copy;
}

function copyOfObject(value: object): object {
  const copy: Record<string, unknown> = {};
  // Of a draft, Object.entries would ask for a descriptor of each key as well.
  for (const key of Reflect.ownKeys(value) as string[]) {
    const each = (value as Record<string, unknown>)[key];
    if (each !== undefined) copy[key] = frozenCopy(each);
  }
  return copy;
}
