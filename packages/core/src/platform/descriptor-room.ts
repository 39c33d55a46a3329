/**
 * A process that has run out of descriptors may be keeping some for nothing but reuse. They are closed, and what could not be
 * opened is tried once more, before anybody is told that there is none left.
 */
import { osCodeOf } from "../os-error.ts";

const closers = new Set<() => void>();

/** `close` closes descriptors that nobody uses. Offering it again changes nothing. */
export function offerRoom(close: () => void): void {
  closers.add(close);
}

/** Opens something, if need be after closing what is only kept. Throws the system's error. */
export function withRoom<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    const code = osCodeOf(error);
    if (code !== "EMFILE" && code !== "ENFILE") throw error;
    for (const close of closers) close();
    return open();
  }
}
