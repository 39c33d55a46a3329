import {
  chmodSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile } from "../../src/atomic/replace-file.ts";
import { jsonDocument } from "../../src/document/json-document.ts";
import { updateJson } from "../../src/document/update-json.ts";
import { readText } from "../../src/document/read-text.ts";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { cleanStaleLocks } from "../../src/lock/clean-stale-locks.ts";
import { listLocks } from "../../src/lock/inspect-lock.ts";
import { pinLockDirectory, unpinLockDirectory } from "../../src/lock/pin-lock-directory.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

const somebodyElse = 1234;
const unsafe = { code: "ERR_UNSAFE_PATH" };

/** A directory with a file that only we may write, and a shared one beside it. */
function place(shared: number): { readonly victim: string; readonly own: string; readonly shared: string } {
  const directory = temporaryDirectory();
  const places = { own: join(directory, "own"), shared: join(directory, "shared") };
  mkdirSync(places.own);
  mkdirSync(places.shared);
  chmodSync(places.shared, shared);
  const victim = join(places.own, "victim.json");
  writeFileSync(victim, '{"mine":1}\n');
  return { ...places, victim };
}

function plant(target: string, link: string, owner: number): string {
  symlinkSync(target, link);
  lchownSync(link, owner, owner);
  return link;
}

const calls: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
  ["acquireLock", async (path) => (await acquireLock(path, "exclusive")).release()],
  ["replaceFile", (path) => replaceFile(path, "{}")],
  ["updateJson", (path) => updateJson(path, () => ({}))],
  ["JsonDocument.read", (path) => jsonDocument(path).read()],
  ["readText", (path) => readText(path)],
  ["jsonlLog.append", (path) => jsonlLog(path).append({})],
];

describe.skipIf(process.getuid?.() !== 0)("a link of somebody else in a sticky directory for all", () => {
  it.each(calls)("P11: is not followed to a file of ours: %s", async (_, call) => {
    const { victim, own, shared } = place(0o1777);
    const file = plant(victim, join(shared, "data.json"), somebodyElse);
    const directory = plant(own, join(shared, "directory"), somebodyElse);
    const chained = plant(file, join(own, "chained.json"), 0);
    for (const path of [file, join(directory, "victim.json"), chained])
      await expect(call(path), path).rejects.toMatchObject(unsafe);
    expect(readFileSync(victim, "utf8")).toBe('{"mine":1}\n');
  });

  it.each([
    ["our own link there", 0o1777, 0],
    ["a link in a directory that is not for all", 0o1755, somebodyElse],
    ["a link where anybody may replace anything", 0o777, somebodyElse],
  ])("is what is refused, not %s", async (_, mode, owner) => {
    const { victim, own, shared } = place(mode);
    const file = plant(victim, join(shared, "data.json"), owner);
    const directory = plant(own, join(shared, "directory"), owner);
    await updateJson<{ mine: number }>(file, (draft) => void (draft.mine += 1));
    await updateJson<{ mine: number }>(join(directory, "victim.json"), (draft) => void (draft.mine += 1));
    expect(JSON.parse(readFileSync(victim, "utf8"))).toEqual({ mine: 3 });
  });

  it.each([
    ["gastown", ".gastown", "locks"],
    ["flowforge", ".flowforge", ".locks"],
  ] as const)("P11: is not followed to where the locks of %s would be", async (layout, link, inIt) => {
    const { own, shared } = place(0o1777);
    const path = join(shared, "data.json");
    plant(own, join(shared, link), somebodyElse);
    const take = async (): Promise<void> => (await acquireLock(path, "exclusive", { layout })).release();
    await expect(take()).rejects.toMatchObject(unsafe);
    expect(readdirSync(own)).toEqual(["victim.json"]);
    mkdirSync(join(own, inIt));
    await expect(take()).rejects.toMatchObject(unsafe);
    expect(readdirSync(join(own, inIt))).toEqual([]);
  });

  it("P11: is not followed to a directory of locks that is listed, cleaned, pinned or unpinned", () => {
    const { own, shared } = place(0o1777);
    mkdirSync(join(own, "locks"), { mode: 0o700 });
    writeFileSync(join(own, "locks", "other.lock"), "");
    plant(own, join(shared, ".gastown"), somebodyElse);
    expect(listLocks(shared)).toEqual([]);
    expect(cleanStaleLocks(shared)).toEqual({ removed: [], kept: [] });
    expect(() => pinLockDirectory(shared, ["data.json"])).toThrow(expect.objectContaining(unsafe));
    expect(() => unpinLockDirectory(shared)).toThrow(expect.objectContaining(unsafe));
    expect(readdirSync(join(own, "locks"))).toEqual(["other.lock"]);
    expect(statSync(join(own, "locks")).mode & 0o777).toBe(0o700);
  });

  it("that is our own is followed to a directory of locks", async () => {
    const { own, shared } = place(0o1777);
    plant(own, join(shared, ".gastown"), 0);
    const path = join(shared, "data.json");
    await (await acquireLock(path, "exclusive", { layout: "gastown" })).release();
    expect(listLocks(shared).map(({ lockPath }) => lockPath)).toContain(
      join(shared, ".gastown/locks/data.json.flock"),
    );
  });
});
