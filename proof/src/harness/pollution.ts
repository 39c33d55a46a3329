/** P10: what was read, or was given as an id, has become part of no prototype, and of nothing that every object leads to. */
const builtins = [Object, Array, Function, String, Number, Map, Promise] as const;

/** Prototypes, and what a string of one key finds in them: constructors and methods, below which somebody may write. */
const watched: readonly (readonly [name: string, object: object, keys: number])[] = builtins.flatMap(
  ({ name, prototype }) => [
    [`the prototype of ${name}`, prototype as object, keysOf(prototype as object)] as const,
    ...Object.entries(Object.getOwnPropertyDescriptors(prototype as object)).flatMap(([key, descriptor]) => {
      const value: unknown = (descriptor as PropertyDescriptor).value;
      return typeof value === "function" ? [[`${name}.${key}`, value, keysOf(value)] as const] : [];
    }),
  ],
);

function keysOf(object: object): number {
  return Reflect.ownKeys(object).length;
}

/** Undefined where everything has as many keys as when this was loaded. */
export function pollution(): string | undefined {
  const found = watched.find(([, object, keys]) => keysOf(object) !== keys);
  return found === undefined ? undefined : `${found[0]} was changed`;
}
