import { createRequire } from "node:module";

import type { FlockBinding } from "../binding.ts";
import { nonBlockingBinding } from "./non-blocking.ts";

/** The part of koffi in use. Its asynchronous calls would block libuv's threads, so they are left alone. */
interface Koffi {
  load(library: string | null): { func(prototype: string): (fd: number, operation: number) => number };
  errno(): number;
}

/** LOCK_SH, LOCK_EX and LOCK_UN with LOCK_NB: the same numbers on Linux and macOS. */
const operations = { share: 1 | 4, exclude: 2 | 4, release: 8 };

/** Loads koffi, when the user has it, and finds flock in the C library this process already uses. */
export function loadKoffi(): FlockBinding {
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const flock = koffi.load(null).func("int flock(int, int)");
  return nonBlockingBinding("koffi", (fd, operation) =>
    flock(fd, operations[operation]) === 0 ? 0 : koffi.errno(),
  );
}
