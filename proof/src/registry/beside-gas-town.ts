import { deepEqual } from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinLockDirectory, unpinLockDirectory } from "@flockwork/core";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { compile } from "../interop/neighbour.ts";

const peer = new URL("../../../packages/registry/test/fixtures/machine-peer.go", import.meta.url);
const someone = 12_345;

/** Gas Town's own protocol in Go, two processes, beside two of ours: nothing is lost in a pinned lock directory. */
export async function besideGasTown({ tally, say }: PartContext, adds: number): Promise<void> {
  const what = `P1: ${adds} adds of Gas Town's protocol in Go and of ours are all there, in a pinned lock directory`;
  say(what);
  await withTemporaryDirectory(async (tools) => {
    const command = join(tools, "machine-peer");
    const env = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(tools, "go-cache") };
    const failure = compile("go", ["build", "-o", command, fileURLToPath(peer)], env);
    if (failure !== undefined) return tally.skip(what, failure);
    chmodSync(tools, 0o755);
    await tally.check(what, () =>
      withTemporaryDirectory((directory) => addTogether(directory, command, adds, true)),
    );
    // What happens without it is counted, not judged: their late unlink lets two in now and then.
    const lost = await withTemporaryDirectory((directory) => addTogether(directory, command, adds, false));
    tally.count("lost_without_pinning", lost);
  });
}

/** How many adds are missing afterwards. Throws when one is, and the directory is pinned. */
async function addTogether(
  directory: string,
  command: string,
  adds: number,
  isPinned: boolean,
): Promise<number> {
  const each = Math.ceil(adds / 4);
  const path = join(directory, "machines.json");
  const locks = join(directory, ".gastown", "locks");
  mkdirSync(locks, { recursive: true });
  if (isPinned) pinLockDirectory(directory, ["machines.json"]);
  const identity = disown([
    directory,
    join(directory, ".gastown"),
    locks,
    ...readdirSync(locks).map((name) => join(locks, name)),
  ]);
  const ours = new URL("machine-adder.ts", import.meta.url);
  await Program.finishAll([
    ...["go0", "go1"].map((name) => new Program(command, [path, name, `${each}`], identity)),
    ...["ts0", "ts1"].map((name) => Program.node(ours, [directory, name, `${each}`], identity)),
  ]);
  if (isPinned) unpinLockDirectory(directory);
  const { machines } = JSON.parse(readFileSync(path, "utf8")) as { machines: Record<string, unknown> };
  const missing = ["go0", "go1", "ts0", "ts1"].flatMap((name) =>
    Array.from({ length: each }, (_, at) => `${name}-${at}`).filter(
      (machine) => !Object.hasOwn(machines, machine),
    ),
  );
  if (isPinned) deepEqual(missing, []);
  return missing.length;
}

/** Root may remove files from a pinned directory: then all of them run as somebody else. */
function disown(paths: readonly string[]): { readonly uid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const path of paths) chownSync(path, someone, someone);
  return { uid: someone };
}
