import { registerHooks } from "node:module";

import type { acquireLock, acquireLockSync, tryAcquireLock } from "../../src/lock/acquire-lock.ts";

export interface Api {
  readonly acquireLock: typeof acquireLock;
  readonly acquireLockSync: typeof acquireLockSync;
  readonly tryAcquireLock: typeof tryAcquireLock;
}
let secondCopy: Promise<Api> | undefined;

/** The locks of this package once more, as when two versions of it are installed. */
export function copy(): Promise<Api> {
  return (secondCopy ??= loadCopy());
}

function loadCopy(): Promise<Api> {
  const mark = "?copy";
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const inside = context.parentURL?.endsWith(mark) === true && specifier.startsWith(".");
      return inside ? { ...found, url: found.url + mark } : found;
    },
  });
  const url = new URL(`../../src/lock/acquire-lock.ts${mark}`, import.meta.url).href;
  return import(url) as Promise<Api>;
}
