/** Which rights the directories of locks and stores get, and which they may have: SECURITY.md says why. */
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { fileStore } from "../../src/store/file-store.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

async function underUmask<T>(umask: number, work: () => Promise<T>): Promise<T> {
  const before = process.umask(umask);
  try {
    return await work();
  } finally {
    process.umask(before);
  }
}

async function lock(path: string, layout: "gastown" | "flowforge"): Promise<void> {
  await (await acquireLock(path, "exclusive", { layout, timeoutMs: 1_000 })).release();
}

describe("a directory that is made", () => {
  it.each([
    ["gastown", ".gastown/locks"],
    ["flowforge", ".flowforge/.locks"],
  ] as const)("for the locks of %s is nobody's to write but its owner's", async (layout, directory) => {
    const path = join(temporaryDirectory(), "data.json");
    await underUmask(0, () => lock(path, layout));
    expect(modeOf(join(path, "..", directory))).toBe("755");
  });

  it("for locks is for its owner alone where the umask says so", async () => {
    const path = join(temporaryDirectory(), "data.json");
    await underUmask(0o077, () => lock(path, "gastown"));
    expect(modeOf(join(path, "../.gastown/locks"))).toBe("700");
  });

  it("for a store gets what the umask leaves, as the directories that programs make", async () => {
    const directory = join(temporaryDirectory(), "store");
    await underUmask(0o027, () => fileStore(directory).document({ name: "a/b.json" }).write({}));
    expect([modeOf(directory), modeOf(join(directory, "a"))]).toEqual(["750", "750"]);
  });
});

describe("a directory that is there", () => {
  it("is used as it is, for a group that shares it, and its rights stay", async () => {
    const path = join(temporaryDirectory(), "data.json");
    const directory = join(path, "../.gastown/locks");
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, "{}");
    chmodSync(directory, 0o2775);
    await lock(path, "gastown");
    expect(modeOf(directory)).toBe("2775");
    expect(modeOf(join(directory, "data.json.flock"))).toBe("644");
  });
});
