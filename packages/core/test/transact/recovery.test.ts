import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  acquireLock,
  CommitUncertainError,
  fileStore,
  sweepStagedFiles,
  withWriteLock,
} from "../../src/index.ts";
import { encodeIntent } from "../../src/intent/intent-record.ts";
import { sweepNowAndThen } from "../../src/atomic/sweep-staged.ts";
import { substituteFileSystem } from "../../src/platform/file-system.ts";
import { leftoversIn, temporaryDirectory } from "../store/temporary-store.ts";
import { commit, interrupted } from "./interrupted.ts";
import { openThree, prepareThree, roundsOf, type Round } from "./three-members.ts";

const oldLog = '{"round":0,"line":0}\n';
const added = '{"round":1,"line":1}\n{"round":1,"line":2}\n';

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  warnings.length = 0;
});

function asideIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.includes(".conflict-"))
    .map((name) => readFileSync(join(directory, name), "utf8"));
}

test.each(["commit", "lines", "first rename"] as const)(
  "whoever takes the lock of one member finishes all, after the %s",
  async (after) => {
    const members = await interrupted(after);
    await members.right.readLocked();
    expect(leftoversIn(members.directory)).toEqual([]);
    expect(await roundsOf(members)).toEqual([1, 1, 1]);
    expect(readFileSync(join(members.directory, "events.jsonl"), "utf8")).toBe(oldLog + added);
  },
);

test("many who come at once, by different members, finish it once", async () => {
  const members = await interrupted();
  const others = openThree(members.directory);
  await Promise.all([
    members.left.update((draft) => void (draft.round += 10)),
    others.right.readLocked(),
    members.events.append({ round: 2, line: 1 }),
    others.store.transact(
      { left: others.left, right: others.right },
      (tx) => void (tx.right.draft.round += 10),
    ),
    others.store.lock("left.json").withRead(() => undefined),
  ]);
  expect(await roundsOf(members)).toEqual([11, 11, 1]);
  expect(leftoversIn(members.directory)).toEqual([]);
});

test("a member whose lock is taken is left to its next taker, and nobody waits for it", async () => {
  const members = await interrupted();
  const neighbour = await acquireLock(join(members.directory, "deeper/right.json"), "exclusive", {
    layout: "gastown",
  });
  await members.left.update((draft) => void (draft.round += 0));
  expect(await roundsOf(members)).toEqual([1, 0, 1]);
  await neighbour.release();
  await members.left.update((draft) => void (draft.round += 0)); // it is done: nothing leads from here to the others
  expect((await members.right.read()).round).toBe(0);
  expect((await members.right.update((draft) => void (draft.round += 0))).value).toEqual({ round: 1 });
  expect(leftoversIn(members.directory)).toEqual([]);
});

test.each(["absolute", "relative", "linked", "."] as const)(
  "a sweep of a directory that is named %s keeps the record while a member is not done",
  async (named) => {
    const members = await interrupted();
    const { directory } = members;
    const layout = "gastown";
    const neighbour = await acquireLock(join(directory, "deeper/right.json"), "exclusive", { layout });
    const link = `${directory}-link`;
    symlinkSync(directory, link);
    const program = `const { sweepStagedFiles } = await import(process.argv[1]); await sweepStagedFiles(process.argv[2])`;
    const names = { absolute: directory, relative: basename(directory), linked: link, ".": "." };
    const cwd = named === "." ? directory : dirname(directory);
    const core = new URL("../../src/index.ts", import.meta.url).href;
    const node = ["--conditions=@flockwork/source", "--input-type=module", "-e", program, core, names[named]];
    execFileSync(process.execPath, node, { cwd });
    await neighbour.release();
    expect((await members.right.readLocked()).round).toBe(1);
    expect(await roundsOf(members)).toEqual([1, 1, 1]);
    rmSync(link);
  },
);

test("another member's link may go while it is looked at", async () => {
  const members = await interrupted();
  const right = join(members.directory, "deeper/.right.json.intent");
  const layout = "gastown";
  const neighbour = await acquireLock(join(members.directory, "deeper/right.json"), "exclusive", { layout });
  let looks = 0;
  const restore = substituteFileSystem({
    readlinkSync(path) {
      if (path === right && (looks += 1) === 2) rmSync(right); // its own holder is done with it
      return readlinkSync(path);
    },
  });
  await members.left.update((draft) => void (draft.round += 10));
  restore();
  await neighbour.release();
  expect((await members.left.read()).round).toBe(11);
  await sweepStagedFiles(join(members.directory, "deeper"), { layout });
});

test("a lease is visited as a lease", async () => {
  const options = { backend: "proper-lockfile", timeoutMs: 10_000 } as const;
  const directory = realpathSync(temporaryDirectory());
  const openTwo = () => {
    const store = fileStore(directory, options);
    return {
      left: store.document<Round>({ name: "left" }),
      right: store.document<Round>({ name: "right" }),
      store,
    };
  };
  const { left, right, store } = openTwo();
  await left.write({ round: 0 });
  await right.write({ round: 0 });
  const restore = substituteFileSystem({
    renameSync(from, to) {
      if (to.endsWith("/right")) throw Object.assign(new Error("broken"), { code: "EIO" });
      renameSync(from, to);
    },
  });
  const outcome = store.transact({ left, right }, (tx) => {
    tx.left.draft.round = 1;
    tx.right.draft.round = 1;
  });
  await expect(outcome).rejects.toBeInstanceOf(CommitUncertainError);
  restore();
  const after = openTwo();
  await after.left.update((draft) => void (draft.round += 10));
  await after.right.update((draft) => void (draft.round += 10)); // no lock file of another kind is in its way
  expect([await after.left.read(), await after.right.read()]).toEqual([{ round: 11 }, { round: 11 }]);
});

test("whoever comes with another lock than the commit's is refused, and nothing is lost", async () => {
  const members = await interrupted();
  const right = join(members.directory, "deeper/right.json");
  const neighbour = await acquireLock(right, "exclusive", { layout: "gastown" });
  await members.left.update((draft) => void (draft.round += 0));
  await neighbour.release();
  const other = fileStore(members.directory).document<Round>({ name: "deeper/right.json" });
  await expect(other.update((draft) => void (draft.round += 10))).rejects.toMatchObject({
    code: "ERR_WRITE_FAILED",
    message: expect.stringContaining("use the layout of its writers") as string,
  });
  expect((await members.right.readLocked()).round).toBe(1);
});

test("a commit of more files than its record may name is refused before it is one", () => {
  const member = {
    targetPath: `/d/${"f".repeat(200)}`,
    stagedName: "s".repeat(200),
    stagedHash: "0".repeat(64),
    stagedBytes: 1,
    layout: "sidecar",
    backend: "flock",
    lockPaths: [`/d/${"f".repeat(200)}.lock`],
    change: { kind: "document", before: "absent", after: "absent" },
  } as const;
  const members = Array.from({ length: 30_000 }, () => member);
  expect(() => encodeIntent({ durability: "disk", members }, "/d/.record")).toThrow(
    /30000 files.*change fewer/,
  );
});

test("a document that a neighbour wrote since keeps what they wrote; ours is moved aside and reported", async () => {
  const members = await interrupted();
  writeFileSync(join(members.directory, "left.json"), '{"round": 7}\n');
  await members.events.append({ round: 2, line: 0 });
  expect(await roundsOf(members)).toEqual([7, 1, 1]);
  expect(asideIn(members.directory)).toEqual([expect.stringMatching(/"round": ?1/)]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([expect.objectContaining({ code: "FLOCKWORK_CONFLICT" })]);
  expect(leftoversIn(members.directory)).toEqual([]);
});

test("lines that a neighbour appended since stay where they are, before ours", async () => {
  const members = await interrupted();
  const theirs = '{"round":5,"line":0}\n';
  appendFileSync(join(members.directory, "events.jsonl"), theirs);
  await members.left.readLocked();
  expect(readFileSync(join(members.directory, "events.jsonl"), "utf8")).toBe(oldLog + theirs + added);
});

test("a part of the lines that the crash left is completed, and an unfinished line of a neighbour is moved aside", async () => {
  const part = await interrupted();
  appendFileSync(join(part.directory, "events.jsonl"), added.slice(0, 30));
  await part.left.readLocked();
  expect(readFileSync(join(part.directory, "events.jsonl"), "utf8")).toBe(oldLog + added);

  const torn = await interrupted();
  appendFileSync(join(torn.directory, "events.jsonl"), '{"theirs":');
  await torn.left.readLocked();
  expect(readFileSync(join(torn.directory, "events.jsonl"), "utf8")).toBe(oldLog + added);
  expect(readdirSync(torn.directory).filter((name) => name.includes(".torn-"))).toHaveLength(1);
});

test.each([
  ["behind a whole line", added.slice(0, 21) + "\0".repeat(15)],
  ["behind half a line", added.slice(0, 30) + "\0".repeat(12)],
  ["before the rest", "\0".repeat(21) + added.slice(21)],
  ["in the middle", added.slice(0, 10) + "\0".repeat(20) + added.slice(30)],
  ["alone", "\0".repeat(8)],
])("lines are there once where the power left NULs %s", async (_where, left) => {
  const members = await interrupted();
  const file = join(members.directory, "events.jsonl");
  appendFileSync(file, left);
  await members.left.readLocked();
  expect(readFileSync(file, "utf8")).toBe(oldLog + added);
  expect(leftoversIn(members.directory)).toEqual([]);
});

test("a log that a neighbour rewrote since keeps what they wrote; our lines are moved aside, unless they are in it", async () => {
  const dropped = await interrupted("lines");
  writeFileSync(join(dropped.directory, "events.jsonl"), '{"round":9,"line":9}\n');
  await dropped.left.readLocked();
  expect(readFileSync(join(dropped.directory, "events.jsonl"), "utf8")).toBe('{"round":9,"line":9}\n');
  expect(asideIn(dropped.directory)).toEqual([added]);

  const kept = await interrupted("lines");
  writeFileSync(join(kept.directory, "events.jsonl"), '{"round":9,"line":9}\n' + added);
  await kept.left.readLocked();
  expect(readFileSync(join(kept.directory, "events.jsonl"), "utf8")).toBe('{"round":9,"line":9}\n' + added);
  expect(asideIn(kept.directory)).toEqual([]);
});

test("staged content that is damaged is moved aside, and the other members are finished", async () => {
  const members = await interrupted();
  const staged = leftoversIn(members.directory).find(
    (name) => name.startsWith(".left.json.") && name.endsWith(".staged"),
  );
  writeFileSync(join(members.directory, staged ?? ""), "damaged");
  await members.events.transact(() => undefined);
  expect(await roundsOf(members)).toEqual([0, 1, 1]);
  expect(asideIn(members.directory)).toEqual(["damaged"]);
});

test.each([
  ["cut short", (text: string) => text.slice(0, -20)],
  ["empty", () => ""],
  ["changed", (text: string) => text.replace("left.json", "loot.json")],
])("a record that is %s changes nothing; what was staged is moved aside", async (_how, damage) => {
  const members = await interrupted();
  const record = leftoversIn(members.directory).find((name) => /^\.[0-9a-f]{32}\.intent$/.test(name)) ?? "";
  const path = join(members.directory, record);
  writeFileSync(path, damage(readFileSync(path, "utf8")));
  await members.left.update((draft) => void (draft.round += 0));
  await members.right.update((draft) => void (draft.round += 0));
  await members.events.transact(() => undefined);
  expect(await roundsOf(members)).toEqual([0, 0, 0]);
  expect(asideIn(members.directory).toSorted()).toHaveLength(2);
  expect(asideIn(join(members.directory, "deeper"))).toHaveLength(1);
  expect(leftoversIn(members.directory)).toEqual([record]); // damaged: for somebody to look at
  rmSync(path);
});

test("P11: a link that leads to a record of other files changes nothing, here or there", async () => {
  const members = await interrupted();
  const record = leftoversIn(members.directory).find((name) => /^\.[0-9a-f]{32}\.intent$/.test(name)) ?? "";
  const elsewhere = join(members.directory, "elsewhere");
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, "victim.json"), '{"round": 5}');
  symlinkSync(`../${record}`, join(elsewhere, ".victim.json.intent"));
  const victim = fileStore(elsewhere).document<Round>({ name: "victim.json" });
  expect((await victim.update((draft) => void (draft.round += 0))).value).toEqual({ round: 5 });
  expect(readdirSync(elsewhere).filter((name) => !name.endsWith(".lock"))).toEqual(["victim.json"]);
  await members.left.readLocked();
  expect(await roundsOf(members)).toEqual([1, 1, 1]);
});

test("what has the name of a link and is none is left alone, and in the way", async () => {
  const directory = temporaryDirectory();
  await prepareThree(directory);
  const members = openThree(directory);
  const inTheWay = join(directory, ".left.json.intent");
  writeFileSync(inTheWay, "mine");
  await members.left.update((draft) => void (draft.round += 0));
  await expect(commit(members)).rejects.toMatchObject({ code: "ERR_WRITE_FAILED", osCode: "EEXIST" });
  expect(readFileSync(inTheWay, "utf8")).toBe("mine");
  expect(await roundsOf(members)).toEqual([0, 0, 0]);
  rmSync(inTheWay);
  await commit(members);
});

test("while it cannot be finished, the member can be neither read under its lock nor changed; later it can", async () => {
  const members = await interrupted();
  for (const use of [() => members.left.readLocked(), () => members.left.update(() => undefined)]) {
    const outcome = await failingOn("renameSync", use);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "ERR_WRITE_FAILED" } });
  }
  await members.left.readLocked();
  expect(await roundsOf(members)).toEqual([1, 1, 1]);
});

test("a directory that is moved as a whole is finished where it is; who does not finish it sweeps nothing of it", async () => {
  const { directory } = await interrupted();
  const moved = realpathSync(temporaryDirectory());
  cpSync(directory, moved, { recursive: true, verbatimSymlinks: true });
  const path = join(moved, "left.json");
  await withWriteLock(path, () => sweepNowAndThen(path));
  const members = openThree(moved);
  await members.right.readLocked();
  expect(await roundsOf(members)).toEqual([1, 1, 1]);
  await openThree(directory).right.readLocked();
});

test("a member that is a symbolic link within the store is changed where it leads", async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "real"));
  writeFileSync(join(directory, "real/left.json"), '{"round": 0}');
  symlinkSync("real/left.json", join(directory, "left.json"));
  const members = openThree(directory);
  await members.right.write({ round: 0 });
  await commit(members);
  expect(readFileSync(join(directory, "real/left.json"), "utf8")).toBe('{"round": 1}');
  expect(existsSync(join(directory, "left.json"))).toBe(true);
});

async function failingOn(
  name: "renameSync",
  work: () => Promise<unknown>,
): Promise<PromiseSettledResult<unknown>> {
  const restore = substituteFileSystem({
    [name]: () => {
      throw Object.assign(new Error("EACCES: injected"), { code: "EACCES" });
    },
  });
  try {
    const [outcome] = await Promise.allSettled([work()]);
    return outcome;
  } finally {
    restore();
  }
}
