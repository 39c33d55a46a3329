import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import { absentRevision } from "../../src/document/document-state.ts";
import { jsonDocument } from "../../src/document/json-document.ts";
import { updateJson, updateJsonSync } from "../../src/document/update-json.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { countingCalls } from "../atomic/faults.ts";
import { namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

interface Counter {
  n: number;
  names?: string[];
}

function fresh(content?: string): string {
  const path = join(temporaryDirectory(), "doc.json");
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

const zero = (): Counter => ({ n: 0 });

describe("reading and changing", () => {
  it("creates, changes and reads back a document, asynchronously and not", async () => {
    const path = fresh();
    const doc = jsonDocument<Counter>(path, { defaults: zero });
    expect(await doc.read()).toEqual({ n: 0 });
    expect(await doc.update((draft) => void draft.n++)).toMatchObject({
      changed: true,
      durability: "disk",
      value: { n: 1 },
    });
    expect(doc.updateSync((draft) => void draft.n++).value).toEqual({ n: 2 });
    expect(readFileSync(path, "utf8")).toBe('{\n  "n": 2\n}\n');
    await doc.write({ n: 7 });
    doc.writeSync({ n: 8, names: [] }, {});
    expect([await doc.read(), doc.readSync(), await doc.readLocked()]).toEqual(
      Array.from({ length: 3 }, () => ({ n: 8, names: [] })),
    );
  });

  it("D6: a change keeps unknown fields, key order, digits, indentation and line ends", async () => {
    const before = '{\r\n\t"z": 12345678901234567890,\r\n\t"n": 1,\r\n\t"10": 1.0, "2": {"x":[1 ,2]}\r\n}';
    const path = fresh(before);
    await jsonDocument<Counter>(path).update((draft) => void (draft.n = 2));
    expect(readFileSync(path, "utf8")).toBe(before.replace('"n": 1', '"n": 2'));
  });

  it("a byte order mark and the permission bits stay", async () => {
    const path = fresh('\uFEFF{"n":1}\n');
    await jsonDocument<Counter>(path, { mode: 0o640 }).update((draft) => void draft.n++);
    expect(readFileSync(path, "utf8")).toBe('\uFEFF{"n":2}\n');
    await updateJson<Counter>(path, (draft) => void draft.n++);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it("what changes nothing writes nothing", async () => {
    const path = fresh('{ "n": 1, "names": ["a"] }');
    const doc = jsonDocument<Counter>(path);
    const { ino } = statSync(path);
    const { revision } = await doc.readWithRevision();
    const unchanged = { changed: false, revision };
    expect(await doc.update(() => undefined)).toMatchObject(unchanged);
    expect(await doc.update((draft) => ({ ...draft, names: [...(draft.names ?? [])] }))).toMatchObject(
      unchanged,
    );
    expect(await doc.write({ names: ["a"], n: 1 })).toMatchObject(unchanged);
    expect(statSync(path).ino).toBe(ino);
    const missing = jsonDocument<Counter>(fresh(), { defaults: zero });
    expect(await missing.update(() => undefined)).toMatchObject({ changed: false, revision: absentRevision });
    expect(namesIn(join(missing.path, ".."))).toEqual([]);
  });

  it("a recipe may be asynchronous, and may return what replaces the document", async () => {
    const doc = jsonDocument<Counter>(fresh('{"n":1,"names":["a","b"]}'));
    await doc.update(async (draft) => {
      await Promise.resolve();
      draft.n += 1;
    });
    const { value } = await doc.update((draft) => ({ n: draft.n, names: draft.names?.slice(1) ?? [] }));
    expect(value).toEqual({ n: 2, names: ["b"] });
    expect(() => doc.updateSync((async () => undefined) as never)).toThrow(TypeError);
  });

  it("values are frozen, and drafts do not leak into them", async () => {
    const doc = jsonDocument<{ list: { x: number }[] }>(fresh('{"list":[]}'));
    const mine = { x: 1 };
    const { value } = await doc.update((draft) => void draft.list.push(mine));
    mine.x = 2;
    expect(value).toEqual({ list: [{ x: 1 }] });
    expect(Object.isFrozen(value.list[0])).toBe(true);
    expect(await doc.read()).toBe(value);
  });

  it('integers: "bigint" reads and writes them exactly, beside a handle that reads numbers', async () => {
    const path = fresh('{"id":9007199254740993}');
    const exact = jsonDocument<{ id: bigint }>(path, { integers: "bigint" });
    await exact.update((draft) => void (draft.id += 2n));
    expect(readFileSync(path, "utf8")).toBe('{"id":9007199254740995}');
    const rounded = jsonDocument<{ id: number; other?: unknown }>(path);
    const { value } = await rounded.update((draft) => void (draft.other = 2n ** 64n));
    expect(readFileSync(path, "utf8")).toBe('{"id":9007199254740995,"other":18446744073709551616}');
    expect(value).toEqual({ id: 9007199254740996, other: 2 ** 64 });
    expect(value).toEqual(await rounded.read());
    const plain = jsonDocument<{ big?: unknown; n?: number }>(fresh("{}"));
    const [first, second] = await Promise.all([
      plain.update((draft) => void (draft.big = 2n ** 64n)),
      plain.update((draft) => void (draft.n = 1)),
    ]);
    // A handle that reads numbers hands out numbers, from its own writes too.
    expect([first.value, second.value]).toEqual([{ big: 2 ** 64 }, { big: 2 ** 64, n: 1 }]);
  });

  it("a number that cannot be told any more is refused to the caller who moved it, not to its neighbours", async () => {
    const path = fresh("[1152921504606846977, 1152921504606846979, 5]");
    const doc = jsonDocument<number[]>(path);
    const outcomes = await Promise.allSettled([
      doc.update((draft) => void (draft[2] = 6)),
      doc.update((draft) => void draft.shift()),
      doc.update((draft) => void draft.push(7)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(readFileSync(path, "utf8")).toBe("[1152921504606846977, 1152921504606846979, 6]");
  });
});

describe("many callers of one process", () => {
  it("64 updates from different call sites are exact, each with its own result, and share commits", async () => {
    const path = fresh('{"n":0}');
    const { result, calls } = await countingCalls(() =>
      Promise.all(
        Array.from({ length: 64 }, (_, index) =>
          index % 2 === 0
            ? jsonDocument<Counter>(path).update((draft) => void draft.n++)
            : updateJson<Counter>(path, (draft) => void draft.n++),
        ),
      ),
    );
    expect(result.map(({ value }) => value.n)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
    expect(calls.filter((name) => name === "renameSync").length).toBe(1);
    expect(readFileSync(path, "utf8")).toBe('{"n":64}');
    // A revision names the document right after its own update, so that it can be expected later.
    expect(new Set(result.map(({ revision }) => revision)).size).toBe(64);
    expect(result.at(-1)?.revision).toBe((await jsonDocument(path).readWithRevision()).revision);
  });

  it("a recipe that throws, a refused schema and an impossible value leave no trace in their neighbours", async () => {
    const path = fresh('{"n":0}');
    const strict = jsonDocument(path, { schema: z.object({ n: z.number().max(10) }) });
    const outcomes = await Promise.allSettled([
      updateJson<Counter>(path, (draft) => void (draft.n += 1)),
      updateJson<Counter>(path, (draft) => {
        draft.n = 999;
        throw new Error("mine");
      }),
      strict.update((draft) => void (draft.n = 11)),
      updateJson<Counter>(path, async (draft) => {
        draft.n = NaN;
      }),
      updateJson<Counter>(path, (draft) => void (draft.n += 1)),
      updateJson<Counter>(path, (draft) => void (draft.n += 1), { expectedRevision: "another" }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { message: "mine" } });
    expect(outcomes[2]).toMatchObject({
      reason: { code: "ERR_DOCUMENT_INVALID", issues: [{ path: ["n"] }] },
    });
    expect(outcomes[3]).toMatchObject({
      reason: { code: "ERR_DOCUMENT_INVALID", issues: [{ path: ["n"] }] },
    });
    expect(outcomes[5]).toMatchObject({ reason: { code: "ERR_REVISION_CONFLICT", expected: "another" } });
    expect(readFileSync(path, "utf8")).toBe('{"n":2}');
  });

  it("a caller whose signal aborts or whose time is up while it waits is removed without effect", async () => {
    const path = fresh('{"n":0}');
    const doc = jsonDocument<Counter>(path);
    const controller = new AbortController();
    const add = (draft: Counter): void => void draft.n++;
    const release = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const slow = doc.update(async (draft) => {
      entered.resolve();
      await release.promise;
      draft.n += 100;
    });
    await entered.promise;
    const aborted = doc.update(add, { signal: controller.signal });
    const late = doc.update(add, { timeoutMs: 1 });
    const patient = doc.update(add, { timeoutMs: Infinity });
    controller.abort(new Error("enough"));
    const early = await Promise.allSettled([aborted, late]);
    release.resolve();
    const outcomes = [...early, ...(await Promise.allSettled([slow, patient]))];
    expect(outcomes).toMatchObject([
      { reason: { message: "enough" } },
      { reason: { code: "ERR_LOCK_TIMEOUT", timeoutMs: 1, path } },
      { status: "fulfilled" },
      { value: { value: { n: 101 } } },
    ]);
  });

  it("a caller that gives up during the recipe before its own never runs", async () => {
    const doc = jsonDocument<Counter>(fresh('{"n":0}'));
    const controller = new AbortController();
    const first = doc.update(async (draft) => {
      controller.abort(new Error("enough"));
      await Promise.resolve();
      draft.n += 1;
    });
    let ran = false;
    const second = doc.update(() => void (ran = true), { signal: controller.signal });
    await expect(second).rejects.toThrow("enough");
    expect((await first).value).toEqual({ n: 1 });
    expect(ran).toBe(false);
  });

  it("higher priority goes first among those who wait", async () => {
    const doc = jsonDocument<{ names: string[] }>(fresh('{"names":[]}'));
    const join = (name: string, priority: number): Promise<unknown> =>
      doc.update((draft) => void draft.names.push(name), { priority });
    await Promise.all([join("a", 0), join("b", 5), join("c", 0), join("d", 5)]);
    expect((await doc.read()).names).toEqual(["b", "d", "a", "c"]);
  });

  it("P13: an update within a recipe of the same file fails at once, also through a neighbour's batch", async () => {
    const path = fresh('{"n":0}');
    const doc = jsonDocument<Counter>(path);
    const nested = doc.update(async (draft) => {
      draft.n += 1;
      await updateJson(path, () => undefined);
    });
    const neighbour = doc.update((draft) => void (draft.n += 10));
    const inLock = withWriteLock(path, () => doc.update(() => undefined));
    const blocking = doc.update(() => void updateJsonSync(path, () => undefined));
    const refused = { reason: { code: "ERR_LOCK_REENTRY" } };
    expect(await Promise.allSettled([nested, inLock, blocking])).toMatchObject([refused, refused, refused]);
    expect((await neighbour).value).toEqual({ n: 10 });
  });

  it("recipes run in the asynchronous context of their callers, and callers go on with the lock free", async () => {
    const path = fresh('{"n":0}');
    const context = new AsyncLocalStorage<number>();
    const seen = await Promise.all(
      [1, 2, 3].map((id) =>
        context.run(id, async () => {
          let inside: number | undefined;
          await updateJson<Counter>(path, (draft) => {
            inside = context.getStore();
            draft.n += 1;
          });
          updateJsonSync<Counter>(path, (draft) => void (draft.n += 10));
          return inside;
        }),
      ),
    );
    expect(seen).toEqual([1, 2, 3]);
    expect(await jsonDocument<Counter>(path).read()).toEqual({ n: 33 });
  });
});

describe("somebody who takes no lock writes while a recipe runs", () => {
  it("P4: theirs stays, the caller is told, and what is written blindly is written all the same", async () => {
    const path = fresh('{"n": 1}');
    const doc = jsonDocument<Counter>(path);
    const disturbed = doc.update(async (draft) => {
      await Promise.resolve();
      writeFileSync(path, '{"n": 40}');
      draft.n += 1;
    });
    await expect(disturbed).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
    expect(readFileSync(path, "utf8")).toBe('{"n": 40}');
    expect(() => {
      doc.updateSync((draft) => {
        unlinkSync(path);
        draft.n += 1;
      });
    }).toThrow(expect.objectContaining({ code: "ERR_REVISION_CONFLICT", actual: absentRevision }));
    await doc.write({ n: 2 });
    expect(await doc.read()).toEqual({ n: 2 });
  });

  it("a file that was only written as it was is no conflict", () => {
    const path = fresh('{"n": 1}');
    const receipt = jsonDocument<Counter>(path).updateSync((draft) => {
      writeFileSync(path, '{"n": 1}');
      draft.n += 1;
    });
    expect(receipt.value).toEqual({ n: 2 });
  });
});

describe("revisions", () => {
  it("D2: a change at the expected revision goes through once", async () => {
    const doc = jsonDocument<Counter>(fresh('{"n":0}'));
    const { revision } = await doc.readWithRevision();
    const outcomes = await Promise.allSettled(
      [1, 2].map((n) => doc.update((draft) => void (draft.n = n), { expectedRevision: revision })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(() => doc.writeSync({ n: 5 }, { expectedRevision: revision })).toThrow(
      expect.objectContaining({ code: "ERR_REVISION_CONFLICT", expected: revision }),
    );
  });

  it("absentRevision creates a document only if there is none", async () => {
    const doc = jsonDocument<Counter>(fresh());
    const create = { expectedRevision: absentRevision };
    const outcomes = await Promise.allSettled([doc.write({ n: 1 }, create), doc.write({ n: 2 }, create)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(doc.readWithRevisionSync()).toMatchObject({
      value: { n: 1 },
      revision: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });
});

describe("schemas", () => {
  it("the type is what the schema accepts; it checks and does not transform", async () => {
    const schema = z.object({ n: z.number().default(3), label: z.string().transform((text) => text.length) });
    const path = fresh('{"label":"abc","extra":[1.0]}');
    const doc = jsonDocument(path, { schema });
    expectTypeOf(await doc.read()).toEqualTypeOf<{
      readonly n?: number | undefined;
      readonly label: string;
    }>();
    expect(await doc.read()).toEqual({ label: "abc", extra: [1] });
    await doc.update((draft) => void (draft.label = "abcd"));
    expect(readFileSync(path, "utf8")).toBe('{"label":"abcd","extra":[1.0]}');
  });

  it("what is stored must keep the schema too, before a recipe sees it; write() repairs it", async () => {
    const path = fresh('{"n":"one"}');
    const doc = jsonDocument(path, { schema: z.object({ n: z.number() }) });
    const invalid = { code: "ERR_DOCUMENT_INVALID", issues: [{ path: ["n"] }] };
    await expect(doc.read()).rejects.toMatchObject(invalid);
    let ran = false;
    await expect(doc.update(() => void (ran = true))).rejects.toMatchObject(invalid);
    expect(ran).toBe(false);
    await doc.write({ n: 1 });
    expect(doc.readSync()).toEqual({ n: 1 });
  });

  it("a schema may work asynchronously where the call does", async () => {
    const schema = z.object({ n: z.number().refine(async (n) => n < 10) });
    const doc = jsonDocument(fresh('{"n":1}'), { schema });
    expect(() => doc.readSync()).toThrow(TypeError);
    expect(() => doc.updateSync((draft) => void draft.n++)).toThrow(TypeError);
    expect((await doc.update((draft) => void draft.n++)).value).toEqual({ n: 2 });
    await expect(doc.update((draft) => void (draft.n = 10))).rejects.toMatchObject({
      code: "ERR_DOCUMENT_INVALID",
    });
    expect(await doc.read()).toEqual({ n: 2 });
  });
});

describe("files that are not there, and paths", () => {
  it("a missing document without defaults says so with ENOENT, and write() creates it", async () => {
    const doc = jsonDocument<Counter>(fresh());
    const missing = { code: "ERR_READ_FAILED", osCode: "ENOENT" };
    await expect(doc.read()).rejects.toMatchObject(missing);
    await expect(doc.update((draft) => void draft.n++)).rejects.toMatchObject(missing);
    expect(() => doc.readSync()).toThrow(expect.objectContaining(missing));
    await doc.write({ n: 1 });
    expect(await doc.read()).toEqual({ n: 1 });
  });

  it("a missing directory is a missing document to read, and an error to write", async () => {
    const doc = jsonDocument<Counter>(join(temporaryDirectory(), "no", "doc.json"), { defaults: zero });
    expect(await doc.read()).toEqual({ n: 0 });
    await expect(doc.update((draft) => void draft.n++)).rejects.toMatchObject({ code: "ERR_LOCK_FAILED" });
  });

  it("P9: a link and its target are one document, also after the link is pointed elsewhere", async () => {
    const directory = temporaryDirectory();
    const [link, one, two] = [
      join(directory, "link.json"),
      join(directory, "one.json"),
      join(directory, "two.json"),
    ];
    writeFileSync(one, '{"n":1}');
    writeFileSync(two, '{"n":2}');
    symlinkSync("one.json", link);
    const doc = jsonDocument<Counter>(link);
    await Promise.all([
      doc.update((draft) => void (draft.n += 10)),
      updateJson<Counter>(one, (draft) => void (draft.n += 10)),
    ]);
    expect([readFileSync(one, "utf8"), doc.readSync()]).toEqual(['{"n":21}', { n: 21 }]);
    unlinkSync(link);
    symlinkSync("two.json", link);
    expect(doc.readSync()).toEqual({ n: 2 });
    await doc.update((draft) => void (draft.n += 10));
    expect([readFileSync(one, "utf8"), readFileSync(two, "utf8")]).toEqual(['{"n":21}', '{"n":12}']);
  });

  it.each([
    [{ maxDepth: 0 }, RangeError],
    [{ maxDepth: 5_000 }, RangeError],
    [{ maxBytes: 1.5 }, RangeError],
    [{ durability: "maybe" }, TypeError],
    [{ integers: "string" }, TypeError],
    [{ schema: {} }, TypeError],
    [{ timeoutMs: -1 }, RangeError],
    [{ layout: "unknown" }, TypeError],
    [{ mode: 0o4755 }, RangeError],
  ])("misuse is refused where it enters: %o", (options, kind) => {
    expect(() => jsonDocument("doc.json", options as object)).toThrow(kind);
    expect(() => jsonDocument(["doc.json"] as never)).toThrow(TypeError);
  });

  it("a directory is no document", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    mkdirSync(path);
    await expect(jsonDocument(path).read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    await expect(jsonDocument(path).write({})).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  });
});
