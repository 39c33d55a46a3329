import { execFile, execFileSync, spawn } from "node:child_process";
import * as nodeFs from "node:fs";
import * as nodePromises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import * as ours from "../../src/fs/index.ts";
import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { substituteFileSystem } from "../../src/platform/file-system.ts";

const run = promisify(execFile);
let directory = "";
const at = (name = "file"): string => join(directory, name);

beforeEach(() => {
  directory = nodeFs.mkdtempSync(join(tmpdir(), "flockwork-fs-"));
});
afterEach(() => {
  nodeFs.rmSync(directory, { recursive: true });
});

describe("the calls that stand in for node:fs", () => {
  it("write and read strings, bytes and encodings as node:fs does", async () => {
    for (const [data, options] of [
      ["äöü", undefined],
      ["äöü", "latin1"],
      ["e282ac", "hex"],
      [Buffer.from([0, 255, 10]), undefined],
      [new Uint16Array([1, 2]), { mode: 0o600 }],
    ] as const) {
      await ours.writeFile(at("ours"), data, options);
      await nodePromises.writeFile(at("theirs"), data, options);
      expect(await ours.readFile(at("ours"))).toEqual(nodeFs.readFileSync(at("theirs")));
      ours.writeFileSync(at("ours-now"), data, options);
      expect(ours.readFileSync(at("ours-now"), "base64")).toBe(nodeFs.readFileSync(at("theirs"), "base64"));
    }
  });

  it("take file URLs and Buffers for paths, and refuse descriptors", async () => {
    await ours.writeFile(pathToFileURL(at()), "by URL");
    expect(await ours.readFile(Buffer.from(at()), "utf8")).toBe("by URL");
    await expect(ours.writeFile(1 as never, "x")).rejects.toThrow(TypeError);
    expect(() => ours.readFileSync(0 as never)).toThrow("not to a descriptor");
  });

  it("append as node:fs does, byte for byte", async () => {
    await ours.appendFile(at(), "no newline");
    ours.appendFileSync(at(), Buffer.from(" here"));
    await ours.writeFile(at(), "!", { flag: "a" });
    expect(nodeFs.readFileSync(at(), "utf8")).toBe("no newline here!");
  });

  it("keep the mode of a file, and give a new one the mode asked for, less the umask", async () => {
    nodeFs.writeFileSync(at("old"), "");
    nodeFs.chmodSync(at("old"), 0o640);
    await ours.writeFile(at("old"), "x", { mode: 0o600 });
    expect(nodeFs.statSync(at("old")).mode & 0o777).toBe(0o640);
    ours.writeFileSync(at("new"), "x", { mode: 0o666 });
    nodeFs.writeFileSync(at("theirs"), "x", { mode: 0o666 });
    expect(nodeFs.statSync(at("new")).mode).toBe(nodeFs.statSync(at("theirs")).mode);
  });

  it.each([
    [
      "a missing file",
      (fs: Pick<typeof nodeFs, "readFileSync" | "writeFileSync">) => fs.readFileSync(at("missing")),
    ],
    [
      "a missing directory",
      (fs: Pick<typeof nodeFs, "readFileSync" | "writeFileSync">) => fs.writeFileSync(at("no/file"), "x"),
    ],
    [
      "a file that must be new",
      (fs: Pick<typeof nodeFs, "readFileSync" | "writeFileSync">) =>
        fs.writeFileSync(at("there"), "x", { flag: "wx" }),
    ],
    [
      "a directory",
      (fs: Pick<typeof nodeFs, "readFileSync" | "writeFileSync">) => fs.readFileSync(directory),
    ],
    [
      "a directory that is written",
      (fs: Pick<typeof nodeFs, "readFileSync" | "writeFileSync">) => fs.writeFileSync(directory, "x"),
    ],
  ])("give the system's own error for %s", (_, call) => {
    nodeFs.writeFileSync(at("there"), "old");
    expect(codeOf(() => call(ours as never))).toBe(codeOf(() => call(nodeFs)));
    expect(nodeFs.readFileSync(at("there"), "utf8")).toBe("old");
  });

  it.runIf(process.platform === "linux")(
    "refuse a file that may not be written, as a program that is running",
    () => {
      nodeFs.copyFileSync("/bin/sleep", at("program"));
      const size = nodeFs.statSync(at("program")).size;
      const program = spawn(at("program"), ["60"], { stdio: "ignore" });
      try {
        expect(codeOf(() => ours.writeFileSync(at("program"), "x"))).toBe("ETXTBSY");
        expect(nodeFs.statSync(at("program")).size).toBe(size);
      } finally {
        program.kill("SIGKILL");
      }
    },
  );

  it("take modes and paths as node:fs does, and none that would mean another file", async () => {
    const umask = process.umask();
    const modeOf = (name: string): number => nodeFs.statSync(at(name)).mode & 0o7777;
    await ours.writeFile(at("octal"), "x", { mode: "0600" });
    ours.writeFileSync(at("null"), "x", { mode: null });
    ours.appendFileSync(at("append"), "x", { mode: "640" });
    expect([modeOf("octal"), modeOf("null"), modeOf("append")]).toEqual([
      0o600 & ~umask,
      0o666 & ~umask,
      0o640 & ~umask,
    ]);
    expect(() => ours.writeFileSync(at("bad"), "x", { mode: "rw" })).toThrow(TypeError);
    nodeFs.symlinkSync(at("nowhere"), at("dangling"));
    expect(codeOf(() => ours.writeFileSync(at("dangling"), "x", { flag: "wx" }))).toBe("EEXIST");
    expect(codeOf(() => ours.writeFileSync(`${at("new")}/`, "x"))).toBe("EISDIR");
    const latin = Buffer.concat([Buffer.from(at("a")), Buffer.from([0xff])]);
    expect(() => ours.writeFileSync(latin, "x")).toThrow(/path must be UTF-8/);
    expect(nodeFs.existsSync(at("nowhere")) || nodeFs.existsSync(at("new"))).toBe(false);
  });

  it("P14: say so when an append is there and may not be durable, and leave no file behind where it failed", async () => {
    const system = (code: string): Error => Object.assign(new Error(code), { code, errno: -5, syscall: "x" });
    const failing = { code: "ERR_COMMIT_UNCERTAIN" };
    ours.writeFileSync(at("log"), "one\n");
    let restore = substituteFileSystem({
      fdatasync: () => Promise.reject(system("EIO")),
      fdatasyncSync: () => {
        throw system("EIO");
      },
    });
    await expect(ours.appendFile(at("log"), "two\n")).rejects.toMatchObject(failing);
    expect(() => ours.appendFileSync(at("log"), "three\n")).toThrow(expect.objectContaining(failing));
    restore();
    expect(nodeFs.readFileSync(at("log"), "utf8")).toBe("one\ntwo\nthree\n");
    restore = substituteFileSystem({
      writeSync: () => {
        throw system("ENOSPC");
      },
    });
    expect(codeOf(() => ours.appendFileSync(at("fresh"), "x"))).toBe("ENOSPC");
    restore();
    expect(nodeFs.existsSync(at("fresh"))).toBe(false);
  });

  it("P6: do not say that an append was refused where only closing its file failed", async () => {
    nodeFs.writeFileSync(at("log"), "one\n");
    const { ino } = nodeFs.statSync(at("log"));
    const restore = substituteFileSystem({
      closeSync: (fd) => {
        const isLog = nodeFs.fstatSync(fd).ino === ino;
        nodeFs.closeSync(fd);
        if (isLog) throw Object.assign(new Error("EIO"), { code: "EIO", errno: -5, syscall: "close" });
      },
    });
    const uncertain = { code: "ERR_COMMIT_UNCERTAIN" };
    try {
      await ours.appendFile(at("log"), "two\n");
      ours.appendFileSync(at("log"), "three\n");
      await expect(ours.appendFile(at("log"), "four\n", { durability: "os" })).rejects.toMatchObject(
        uncertain,
      );
    } finally {
      restore();
    }
    expect(nodeFs.readFileSync(at("log"), "utf8")).toBe("one\ntwo\nthree\nfour\n");
  });

  it("P3: append durably also to a file whose maker may have died before its name was", async () => {
    nodeFs.writeFileSync(at("log"), "one\n");
    const synced: number[] = [];
    const note = (fd: number): void => void synced.push(Number(nodeFs.fstatSync(fd).ino));
    const restore = substituteFileSystem({
      fsync: (fd) => Promise.resolve(note(fd)),
      fsyncSync: note,
    });
    try {
      await ours.appendFile(at("log"), "two\n");
      ours.appendFileSync(at("log"), "three\n");
      await ours.appendFile(at("log"), "four\n", { durability: "os" });
    } finally {
      restore();
    }
    const { ino } = nodeFs.statSync(directory);
    expect(synced).toEqual([ino, ino]);
  });

  it("reject with the system's own error too", async () => {
    await expect(ours.readFile(at("missing"))).rejects.toMatchObject({ code: "ENOENT", syscall: "open" });
    await expect(ours.writeFile(at("no/file"), "x")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(ours.updateJson(at("missing"), () => {})).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("read JSON that the caller may change, write it, and name what is damaged", async () => {
    await ours.writeJson(at(), { runs: 1 });
    expect(nodeFs.readFileSync(at(), "utf8")).toBe('{\n  "runs": 1\n}\n');
    const value = await ours.readJson<{ runs: number }>(at());
    value.runs += 1;
    ours.writeJsonSync(at(), value, { spaces: 0 });
    expect(ours.readJsonSync(at())).toEqual({ runs: 2 });
    nodeFs.writeFileSync(at(), "{");
    await expect(ours.readJson(at())).rejects.toMatchObject({ code: "ERR_DOCUMENT_CORRUPT" });
    await expect(ours.writeJson(at(), undefined)).rejects.toThrow(TypeError);
    expect(nodeFs.readFileSync(at(), "utf8")).toBe("{");
  });

  it("P1: wait for whoever holds the lock, and say so when that takes too long", async () => {
    nodeFs.writeFileSync(at(), "held");
    const lock = await acquireLock(at(), "exclusive");
    await expect(ours.writeFile(at(), "x", { timeoutMs: 0 })).rejects.toMatchObject({
      code: "ERR_LOCK_TIMEOUT",
    });
    await expect(ours.appendFile(at(), "x", { timeoutMs: 0 })).rejects.toMatchObject({
      code: "ERR_LOCK_TIMEOUT",
    });
    const waiting = ours.writeFile(at(), "after");
    await lock.release();
    await waiting;
    expect(nodeFs.readFileSync(at(), "utf8")).toBe("after");
  });

  it("P1, P4: lose nothing between processes, and never show a part of a file", async () => {
    ours.writeJsonSync(at(), { count: 0, padding: "x".repeat(20_000) });
    const program = new URL("./fixtures/update.ts", import.meta.url).pathname;
    const running = Promise.all(
      [0, 1, 2].map(() =>
        run(process.execPath, [
          "--conditions=@flockwork/source",
          "--disable-warning=ExperimentalWarning",
          program,
          at(),
          "60",
        ]),
      ),
    );
    let ended = false;
    void running.finally(() => (ended = true)).catch(() => undefined);
    while (!ended) expect((await ours.readJson<{ padding: string }>(at())).padding).toHaveLength(20_000);
    await running;
    expect(ours.readJsonSync(at())).toMatchObject({ count: 180 });
    expect(nodeFs.readFileSync(at("file.log"), "utf8").split("\n")).toHaveLength(181);
  });

  it("is what @flockwork/core/fs exports", () => {
    const code = 'import("@flockwork/core/fs").then((fs) => console.log(Object.keys(fs).sort().join()))';
    const flags = ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning", "-e", code];
    const cwd = new URL("../..", import.meta.url);
    expect(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }).trim()).toBe(
      Object.keys(ours).toSorted().join(),
    );
  });
});

function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return "none";
}
