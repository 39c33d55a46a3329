/** The checks of hostile input: each must see the fault it is there for. */
import {
  appendFileSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { loadBinding } from "@flockwork/flock";
import { expect, test } from "vitest";
import { replaceFile, UnsafePathError, WriteFailedError } from "../src/harness/core.ts";
import { brokenTargets } from "../src/fuzz/targets/broken-targets.ts";
import { pollution } from "../src/harness/pollution.ts";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import type { DomainCall } from "../src/hostile/domain-calls.ts";
import { domainContent } from "../src/hostile/domain-content.ts";
import { domainPaths } from "../src/hostile/domain-paths.ts";
import { plain } from "../../packages/cli/src/output.ts";
import { logs } from "../src/hostile/documents-and-logs.ts";
import { paths } from "../src/hostile/hostile.ts";
import { hostileIds } from "../src/hostile/hostile-ids.ts";
import { linearTime, scanners } from "../src/hostile/linear-time.ts";
import { hostilePaths, placeKinds } from "../src/hostile/hostile-paths.ts";
import { obeyedIn } from "../src/hostile/terminal.ts";
import { twinIds } from "../src/hostile/twin-ids.ts";
import { publicCalls, type PublicCall } from "../src/hostile/public-calls.ts";
import { isMisuse } from "../src/hostile/refusal.ts";
import type { PartContext } from "../src/harness/part.ts";

function contextOf(tally: Tally): PartContext {
  return { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
}

function write(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "escaped");
}

/** Uses what it is given in one wrong way, and refuses all else. */
const careless: readonly {
  readonly name: string;
  readonly sees: string;
  readonly use: (place: string, id: unknown) => boolean;
}[] = [
  {
    name: "writes to an id that is an absolute path",
    sees: "left its place",
    use: (_, id) => {
      if (typeof id !== "string" || !isAbsolute(id)) return false;
      write(id);
      return true;
    },
  },
  {
    name: "writes beside its place, to a name that begins alike",
    sees: '"../place-evil" left its place',
    use: (place, id) => {
      if (id !== "../place-evil") return false;
      write(join(place, id));
      return true;
    },
  },
  {
    name: "makes a lock beside its place, and refuses the id then",
    sees: "escape.lock appeared",
    use: (place, id) => {
      if (id === "../escape") write(join(place, `${id}.lock`));
      return false;
    },
  },
  {
    name: "leaves it to Node to refuse what is no string",
    sees: "an array broke it",
    use: (place, id) => Array.isArray(id) && join(place, id as never) !== "",
  },
  {
    name: "leaves it to JavaScript to refuse null",
    sees: "null broke it",
    use: (_, id) => id === null && (id as unknown as string).length === 0,
  },
  {
    name: "takes an array for its text",
    sees: "an array was taken",
    use: (_, id) => Array.isArray(id),
  },
];

for (const { name, sees, use } of careless) {
  test(`P11 sees a call that ${name}`, async () => {
    const tally = new Tally();
    const run = async (place: string, id: unknown): Promise<void> => {
      if (!use(place, id)) throw new UnsafePathError(place, "this id is refused.");
    };
    await hostileIds(contextOf(tally), [{ name, run }]);
    expect(tally.failures.join("\n")).toContain(sees);
  });
}

test("P11 sees a call that lets a string id lead into a prototype, or below what every object has", async () => {
  const writeBelow = (id: string, polluted: string[]): void => {
    let at: Record<string, unknown> = {};
    for (const key of id.split(".")) at = (at[key] ??= {}) as typeof at;
    at["polluted"] = true;
    polluted.push(id);
  };
  for (const [one, told] of [
    ["__proto__", "the prototype of Object"],
    ["constructor", "Object.constructor"],
    ["toString", "Object.toString"],
    ["constructor.prototype.polluted", "the prototype of Object"],
  ] as const) {
    const tally = new Tally();
    const polluted: string[] = [];
    const run = async (place: string, id: unknown): Promise<void> => {
      if (id !== one) throw new UnsafePathError(place, "this id is refused.");
      writeBelow(one, polluted);
    };
    try {
      await hostileIds(contextOf(tally), [{ name: `writes below ${one}`, run }]);
    } finally {
      const { prototype } = Object;
      for (const each of [prototype, Object, Reflect.get(prototype, "toString") as object])
        Reflect.deleteProperty(each, "polluted");
    }
    expect(polluted, one).toEqual([one]);
    expect(tally.failures.join("\n")).toContain(`"${one}" changed a prototype: ${told} was changed`);
    expect(pollution()).toBeUndefined();
  }
});

test("P11 sees ids that overwrite one another, and those that come back as others", async () => {
  const fileOf = (place: string, id: string): string => join(place, id.toLowerCase().normalize());
  const tally = new Tally();
  await twinIds(contextOf(tally), [
    {
      name: "small letters",
      write: async (place, id, mark) => writeFileSync(fileOf(place, id), mark),
      read: async (place, id) => readFileSync(fileOf(place, id), "utf8"),
    },
    {
      name: "cleaned",
      write: async (place, id, mark) => writeFileSync(join(place, id), mark),
      read: async (place, id) => readFileSync(join(place, id), "utf8"),
      ids: async (place) => readdirSync(place).map((name) => name.normalize("NFD")),
    },
  ]);
  expect(tally.failures.join("\n")).toContain('what "Alpha" is now');
  expect(tally.failures.join("\n")).toContain('what "caf\u00E9" is now');
  expect(tally.failures.join("\n")).toContain('"caf\u00E9" is not among');
});

test("P11 sees whatever a terminal would obey, and a line that somebody else wrote", () => {
  const shown = ["\u001B[31m", "\u009B31m", "\u0007", "\r", "\b", "\u007F", "\u202E", "\u2066"];
  for (const each of shown) expect(obeyedIn(`a${each}b`), JSON.stringify(each)).toContain("a raw control");
  expect(obeyedIn("a\nforged: all is well")).toContain("somebody else");
  for (const each of ["", "a\nb\n", String.raw`\x1b[31m`, "not forged", "\u00E9 \u{1F44D}"])
    expect(obeyedIn(each), each).toBeUndefined();
});

test("P11 sees a domain package that uses what another put where its lock is", async () => {
  const calls: readonly DomainCall[] = [
    {
      name: "writes through a link",
      data: [],
      locks: ["lock"],
      async run(directory) {
        const path = join(directory, "lock");
        const found = statSync(path, { throwIfNoEntry: false });
        if (found?.isFile() === false) throw new UnsafePathError(path, "it is no file.");
        writeFileSync(path, "4711");
      },
    },
  ];
  const tally = new Tally();
  await domainPaths(contextOf(tally), calls);
  const failures = tally.failures.join("\n");
  expect(failures).toContain("victim: was");
  expect(failures).toContain("made appeared");
});

test("P10 sees a reader that fails untyped, changes what it refuses, or changes a prototype", async () => {
  const sees = {
    untyped: "TypeError",
    "changes what it refuses": "was changed by a call",
    pollutes: "prototype",
  };
  for (const [name, what] of Object.entries(sees)) {
    const tally = new Tally();
    const targets = brokenTargets.filter((target) => target.name === `broken: ${name}`);
    try {
      await domainContent({ ...contextOf(tally), long: true }, targets);
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
    expect(tally.failures.join("\n")).toContain(what);
  }
});

test("what a package made on purpose is misuse; what the engine or Node says is not", async () => {
  const thrownBy = async (run: () => unknown): Promise<unknown> => {
    try {
      return await run();
    } catch (error) {
      return error;
    }
  };
  const nothing = undefined as unknown as string[];
  const engine: readonly (() => unknown)[] = [
    () => nothing[0],
    () => (nothing as unknown as () => void)(),
    () => [...(7 as unknown as string[])],
    () => String(Object.create(null)),
    () => "a".repeat(-1),
    () => join(["a"] as unknown as string),
    () => Buffer.alloc(-1),
    () => plain(nothing as never), // in the midst of a package
  ];
  for (const run of engine) expect(isMisuse(await thrownBy(run)), String(run)).toBe(false);
  const ours: readonly (() => unknown)[] = [
    () => replaceFile(["a"] as never, ""),
    () => replaceFile("a", "", { timeoutMs: Number.NaN }),
    () => replaceFile("/nowhere/data", ""),
  ];
  for (const run of ours) expect(isMisuse(await thrownBy(run)), String(run)).toBe(true);
});

test("P11 sees a lock that is made where a link leads, and one that is kept of a file outside", async () => {
  const [link] = hostilePaths.filter(({ name }) => name === "the lock path is a link to a file");
  const refused = (path: string): never => {
    throw new UnsafePathError(path, "it is a link.");
  };
  const callOf = (run: (path: string) => unknown): PublicCall[] => [
    { name: "replaceFile", kind: "bytes", locks: true, changes: true, run },
  ];
  const see = async (run: (path: string) => unknown): Promise<string> => {
    const tally = new Tally();
    await paths(contextOf(tally), link === undefined ? [] : [link], callOf(run));
    expect(tally.passed + tally.failed + tally.skipped).toBe(placeKinds.length);
    return tally.failures.join("\n");
  };
  expect(await see(refused)).toBe("");
  const beside = await see((path) => {
    writeFileSync(`${realpathSync(`${path}.lock`)}.lock`, "");
    refused(path);
  });
  expect(beside).toContain("victim.lock appeared");
  const descriptors: number[] = [];
  const kept = await see((path) => {
    const fd = openSync(`${path}.lock`, "r+");
    descriptors.push(fd);
    loadBinding().tryLock(fd, "exclusive");
    refused(path);
  });
  for (const fd of descriptors) closeSync(fd);
  expect(kept).toContain("what lies outside was kept locked");
});

test("P11 sees what is written into another name of a lock file, and through a staged file that is a link", async () => {
  const chosen = hostilePaths.filter(({ harmless }) => harmless === true);
  const call: PublicCall = {
    name: "writes its pid",
    kind: "bytes",
    locks: true,
    changes: true,
    run(path) {
      writeFileSync(`${path}.lock`, "4711");
      const left = readdirSync(dirname(path)).find((name) => name.endsWith(".staged"));
      if (left !== undefined && lstatSync(join(dirname(path), left)).isSymbolicLink())
        writeFileSync(join(dirname(path), left), "staged");
    },
  };
  const tally = new Tally();
  await paths(contextOf(tally), chosen, [call]);
  const failures = tally.failures.join("\n");
  expect(failures).toContain("the lock path is another name of a file");
  expect(failures).toContain("a staged file of the data is a link to a file");
  expect(failures).toContain("what lies outside was changed");
});

test.runIf(process.getuid?.() === 0)(
  "P11 sees a domain package that follows a link another user planted in a directory for all",
  async () => {
    const calls: readonly DomainCall[] = [
      {
        name: "appends",
        data: ["data"],
        locks: [],
        async run(directory) {
          const path = join(directory, "data");
          const found = statSync(path, { throwIfNoEntry: false });
          if (found?.isFile() === false) throw new UnsafePathError(path, "it is no file.");
          appendFileSync(path, "a");
        },
      },
    ];
    const tally = new Tally();
    await domainPaths(contextOf(tally), calls);
    const failures = tally.failures.join("\n");
    expect(failures).toContain("data is a link to what it was, in a directory for all");
    expect(failures).not.toContain("data is a link to what it was: appends"); // where nobody else plants, links are followed
  },
);

test("P10 sees a scanner that fails at once, by a fault of its own or by refusing what is valid", async () => {
  const fails = new Tally();
  const run = (): never => {
    throw new TypeError("it is not iterable");
  };
  await linearTime(contextOf(fails), [{ name: "fails at once", valid: [], run }]);
  expect(fails.failures.join("\n")).toContain("it is not iterable");
  const refuses = new Tally();
  const refuse = (): never => {
    throw new WriteFailedError("data", "read", new Error("no"));
  };
  await linearTime(contextOf(refuses), [
    { name: "refuses all", valid: ["objects"], run: refuse },
    { name: "refuses what it may", valid: [], run: refuse },
    { name: "refuses its own", valid: [], own: (length) => "a".repeat(length), run: refuse },
  ]);
  expect(refuses.failed).toBe(2);
  expect(refuses.failures.join("\n")).toContain("objects: refused, though it is valid");
  expect(refuses.failures.join("\n")).toContain("a text of its own: refused, though it is valid");
});

test("every scanner reads a long text that is valid for it, or there is a reason why none is", () => {
  const none = scanners.filter(({ valid, own }) => valid.length === 0 && typeof own !== "function");
  expect(none.map(({ name }) => name)).toEqual(["an instant of time tracking"]);
});

test("P10 sees a scanner that begins again and again", async () => {
  const tally = new Tally();
  const run = (text: string): void => {
    const before = process.cpuUsage();
    const squareMs = (text.length / 65_536) ** 2;
    while (process.cpuUsage(before).user < squareMs * 1_000);
  };
  await linearTime(contextOf(tally), [{ name: "begins again", valid: [], run }]);
  expect(tally.failures.join("\n")).toContain("for a megabyte");
});

test("T6 sees a log whose damage in the middle is told as something else, or at another place", async () => {
  const read = publicCalls.filter(({ name }) => name === "JsonlLog.read");
  const sound = new Tally();
  await logs(contextOf(sound), read);
  expect(sound.failures).toEqual([]);
  const wrong = new Tally();
  const run = (path: string): never => {
    throw new WriteFailedError(path, "append to", new Error("no"));
  };
  await logs(
    contextOf(wrong),
    read.map((call) => ({ ...call, run })),
  );
  expect(wrong.failed).toBe(7);
});
