/** Gas Town's own protocol, in Go, beside ours. The long form is `npm run proof -- registry`. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinLockDirectory, unpinLockDirectory } from "@flockwork/core";
import { expect, it } from "vitest";
import { readJson, temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/machine-worker.ts", import.meta.url);
const source = fileURLToPath(new URL("../fixtures/machine-peer.go", import.meta.url));
/** Where Debian's golang-github-gofrs-flock-dev puts what `go` can build without a network. */
const goPath = "/usr/share/gocode";
const asRoot = process.getuid?.() === 0;
const someone = 12_345;

const missing = [
  ...(spawnSync("go", ["version"]).status === 0 ? [] : ["go"]),
  ...(existsSync(join(goPath, "src/github.com/gofrs/flock")) ? [] : ["golang-github-gofrs-flock-dev"]),
];

function build(directory: string): string {
  const command = join(directory, "machine-peer");
  const env = {
    ...process.env,
    GO111MODULE: "off",
    GOPATH: goPath,
    GOFLAGS: "",
    GOCACHE: join(tmpdir(), "flockwork-go-cache"),
  };
  const { status, stderr } = spawnSync("go", ["build", "-o", command, source], { env, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return command;
}

it.skipIf(missing.length > 0)(
  `P1: adds of Gas Town's protocol in Go and of ours are all there, in a pinned lock directory${missing.length > 0 ? `; missing here: ${missing.join(", ")}` : ""}`,
  async () => {
    const each = 50;
    const tools = temporaryDirectory();
    const command = build(tools);
    const directory = temporaryDirectory();
    for (const made of [tools, directory]) chmodSync(made, 0o777);
    pinLockDirectory(directory, ["machines.json"]);
    const identity = asRoot ? { uid: someone, gid: someone } : {};
    if (asRoot) {
      // Root removes files from any directory: a pinned one holds others only.
      const locks = join(directory, ".gastown/locks");
      for (const path of [locks, ...readdirSync(locks).map((name) => join(locks, name))])
        chownSync(path, someone, someone);
    }
    const path = join(directory, "machines.json");
    const peers = ["go0", "go1"].map((name) =>
      spawn(command, [path, name, `${each}`], { ...identity, stdio: "inherit" }),
    );
    const ours = ["ts0", "ts1"].map(
      (name) => new Worker(fixture, "add", directory, name, `${each}`, identity),
    );
    const exits = await Promise.all([
      ...peers.map(async (peer) => (await once(peer, "exit"))[0] as number),
      ...ours.map((worker) => worker.exit()),
    ]);
    unpinLockDirectory(directory);
    expect(exits).toEqual([0, 0, 0, 0]);
    const names = Object.keys(readJson(path)["machines"] ?? {}).filter((name) => name !== "local");
    expect(names).toHaveLength(4 * each);
  },
);
