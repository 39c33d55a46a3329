/** Packages to compare with. Each is loaded when it is used: one that cannot be had on this machine skips its rows, loudly. */
import { createRequire } from "node:module";
import { MissingHereError } from "./baselines.ts";

const require = createRequire(import.meta.url);

/** The package, as `require` gives it; few of them bring types, so the caller says what it uses. */
export function loadPeer(name: string): unknown {
  return require(name);
}

/** Why this peer cannot take part, or undefined. */
export function whyMissing(name: string): string | undefined {
  try {
    require(name);
    return undefined;
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return `${name} cannot be loaded here: ${line}`;
  }
}

/** @throws {MissingHereError} one of them cannot be loaded. */
export function requirePeers(...names: readonly string[]): void {
  for (const name of names) {
    const reason = whyMissing(name);
    if (reason !== undefined) throw new MissingHereError(reason);
  }
}
