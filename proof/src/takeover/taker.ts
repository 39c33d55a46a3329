/**
 * Program: gives back what it holds and tries once to take the lock of each file it is told. Says `1` where it was granted it, else
 * `0`. Argument: whose lock, `ours`, `flowforge` or `proper-lockfile`.
 */
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { tryAcquireLock } from "../harness/core.ts";
import { staleMs } from "./stale.ts";

type Release = () => unknown;

interface ProperLockfile {
  lock(path: string, options: Readonly<Record<string, unknown>>): Promise<() => Promise<void>>;
}

const ways: Readonly<Record<string, () => (path: string) => Promise<Release | undefined>>> = {
  ours: () => taking({}),
  flowforge: () => taking({ layout: "flowforge" }),
  "proper-lockfile": () => {
    const properLockfile = createRequire(import.meta.url)("proper-lockfile") as ProperLockfile;
    const options = { realpath: false, retries: 0, stale: staleMs, onCompromised: () => undefined };
    return (path) =>
      properLockfile.lock(path, options).catch((error: { readonly code?: unknown }) => {
        // ENOENT: somebody removed its new lock before it could set its time.
        if (error.code !== "ELOCKED" && error.code !== "ENOENT") throw error;
        return undefined;
      });
  },
};

function taking(
  options: Parameters<typeof tryAcquireLock>[2],
): (path: string) => Promise<Release | undefined> {
  return async (path) => {
    const lock = await tryAcquireLock(path, "exclusive", options);
    return lock && (() => lock.release());
  };
}

const way = ways[process.argv[2] ?? ""];
if (way === undefined) throw new RangeError("no such lock");
const take = way();
let release: Release | undefined;
console.log("ready");
for await (const path of createInterface({ input: process.stdin })) {
  // proper-lockfile says so where somebody has removed its lock: that is what is looked for, and nothing to stop at.
  await Promise.resolve(release?.()).catch(() => undefined);
  release = await take(path);
  console.log(release === undefined ? "0" : "1");
}
process.exit(0);
