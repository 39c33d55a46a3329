import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { commitReplacement, commitReplacementSync } from "../../src/atomic/commit-replacement.ts";
import { replaceFile, replaceFileSync } from "../../src/atomic/replace-file.ts";
import { sweepStagedFiles } from "../../src/atomic/sweep-staged-files.ts";
import { LeaseLostError } from "../../src/lock/lock-errors.ts";
import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { countingCalls } from "./faults.ts";
import { descriptorsIn, namesIn, temporaryDirectory, Worker } from "./surroundings.ts";

const staged = (name: string): string => `.${name}.${"0123456789abcdef".repeat(2)}.staged`;
const asRoot = process.geteuid?.() === 0;

describe("replaceFile", () => {
  it("writes the new content under the old name and leaves nothing else", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "state.json");
    const first = await replaceFile(path, "one");
    const second = replaceFileSync(path, Buffer.from("two"));
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(namesIn(directory)).toEqual(["state.json"]);
    expect(first).toMatchObject({ changed: true, durability: "disk" });
    expect(first.revision).not.toBe(second.revision);
    expect((await replaceFile(path, "one")).revision).toBe(first.revision);
    expect(descriptorsIn(directory)).toEqual([]);
  });

  it("P3: syncs the content before the rename and the directory after it", async () => {
    const path = join(temporaryDirectory(), "state.json");
    const { calls } = await countingCalls(() => replaceFile(path, "x"));
    const steps = calls.filter((call) => ["writeSync", "fsync", "renameSync"].includes(call));
    expect(steps).toEqual(["writeSync", "fsync", "renameSync", "fsync"]);
    const lazy = await countingCalls(() => replaceFile(path, "x", { durability: "os" }));
    expect(lazy.calls).not.toContain("fsync");
  });

  it("P4: a reader without a lock sees the old content or the new, never a mix", async () => {
    const path = join(temporaryDirectory(), "state.json");
    const bytes = 300_000;
    replaceFileSync(path, "b".repeat(bytes));
    const writer = new Worker(
      new URL("fixtures/replace-in-turn.ts", import.meta.url),
      path,
      "400",
      String(bytes),
    );
    const gone = writer.exit();
    let ended = false;
    void gone.then(() => (ended = true));
    const seen = new Map<string, number>();
    while (!ended) {
      const content = readFileSync(path, "utf8");
      const letter = content[0] ?? "";
      const whole = content.length === bytes && content === letter.repeat(bytes);
      seen.set(whole ? letter : "a mix", (seen.get(letter) ?? 0) + 1);
      await new Promise(setImmediate);
    }
    expect(await gone).toBe(0);
    expect([...seen.keys()].toSorted()).toEqual(["a", "b"]);
  });

  it("keeps the mode of the file, but not setuid and setgid", async () => {
    const path = join(temporaryDirectory(), "state.json");
    writeFileSync(path, "old");
    chmodSync(path, 0o6750);
    await replaceFile(path, "new");
    expect(statSync(path).mode & 0o7777).toBe(0o750);
    await replaceFile(path, "newer", { mode: 0o604 });
    expect(statSync(path).mode & 0o7777).toBe(0o604);
  });

  it("gives a new file what the umask leaves, without touching the umask", async () => {
    const path = join(temporaryDirectory(), "state.json");
    const before = process.umask(0o027);
    try {
      await replaceFile(path, "new");
      expect(process.umask()).toBe(0o027);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o7777).toBe(0o640);
  });

  it.runIf(asRoot)("keeps another user's file theirs", async () => {
    const path = join(temporaryDirectory(), "state.json");
    writeFileSync(path, "old");
    chownSync(path, 65_534, 65_533);
    await replaceFile(path, "new");
    const { uid, gid, mode } = statSync(path);
    expect([uid, gid, mode & 0o777]).toEqual([65_534, 65_533, 0o644]);
  });

  it("does not hand the old group's rights to another group", async () => {
    const path = join(temporaryDirectory(), "state.json");
    writeFileSync(path, "old");
    chmodSync(path, 0o664);
    const refused = Object.assign(new Error("EPERM"), { code: "EPERM" });
    const restore = substituteFileSystem({
      lstatSync: (at) => {
        const stats = realFileSystem.lstatSync(at);
        if (at === path && stats !== undefined) stats.gid += 1n;
        return stats;
      },
      fchownSync: () => {
        throw refused;
      },
    });
    try {
      await replaceFile(path, "new");
    } finally {
      restore();
    }
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it("P9: replaces what a link leads to and keeps the link", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "real"));
    const target = join(directory, "real", "state.json");
    const link = join(directory, "link.json");
    writeFileSync(target, "old");
    symlinkSync("real/state.json", link);
    await replaceFile(link, "new");
    expect(readlinkSync(link)).toBe("real/state.json");
    expect(lstatSync(target).isFile() && readFileSync(target, "utf8")).toBe("new");
    expect(namesIn(join(directory, "real"))).toEqual(["state.json"]);
  });

  it("P10: refuses directories, FIFOs, sockets and hard links, and leaves them alone", async () => {
    const directory = temporaryDirectory();
    const at = (name: string): string => join(directory, name);
    mkdirSync(at("directory"));
    execFileSync("mkfifo", [at("fifo")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
    writeFileSync(at("one"), "x");
    linkSync(at("one"), at("two"));
    for (const name of ["directory", "fifo", "socket", "one"]) {
      await expect(replaceFile(at(name), "new"), name).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
      expect(() => replaceFileSync(at(name), "new"), name).toThrow(
        expect.objectContaining({ code: "ERR_UNSAFE_PATH" }),
      );
    }
    expect(readFileSync(at("one"), "utf8")).toBe("x");
    expect(namesIn(directory)).toEqual(["directory", "fifo", "one", "socket", "two"]);
    server.close();
  });

  it("refuses what is no content and what is no mode before it touches the disk", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "state.json");
    await expect(replaceFile(path, 7 as never)).rejects.toThrow(TypeError);
    await expect(replaceFile(path, "\ud800")).rejects.toThrow(/surrogate/);
    await expect(replaceFile(path, "x", { mode: 0o4755 })).rejects.toThrow(RangeError);
    await expect(replaceFile(path, "x", { durability: "memory" as never })).rejects.toThrow(TypeError);
    expect(namesIn(directory)).toEqual([]);
  });

  it("replaces a file whose name is as long as names can be", async () => {
    const directory = temporaryDirectory();
    const name = "é".repeat(120) + ".json";
    // The lock of such a name does not fit beside it; the staged name must.
    const lock = { targetPath: join(directory, name), assertHeld: () => {} };
    await commitReplacement(lock, Buffer.from("new"), { durability: "disk" });
    commitReplacementSync({ ...lock, targetPath: join(directory, "x".repeat(255)) }, Buffer.from("new"), {
      durability: "disk",
    });
    expect(namesIn(directory)).toEqual(["x".repeat(255), name]);
  });

  it("writes large content whole, whatever the system accepts at a time", async () => {
    const path = join(temporaryDirectory(), "large");
    const data = Buffer.alloc(3_000_000, "0123456789");
    const restore = substituteFileSystem({
      write: (fd, buffer, offset, length, position) =>
        realFileSystem.write(fd, buffer, offset, Math.min(length, 700_001), position),
      writeSync: (fd, buffer, offset, length, position) =>
        realFileSystem.writeSync(fd, buffer, offset, Math.min(length, 700_001), position),
    });
    try {
      await replaceFile(path, data);
      expect(readFileSync(path).equals(data)).toBe(true);
      replaceFileSync(path, data.subarray(1));
      expect(readFileSync(path).equals(data.subarray(1))).toBe(true);
    } finally {
      restore();
    }
  });

  it("a lock that was lost while the content was staged commits nothing", async () => {
    const directory = temporaryDirectory();
    const targetPath = join(directory, "state.json");
    writeFileSync(targetPath, "old");
    const lost = new LeaseLostError(targetPath, 10, "stale");
    const lock = {
      targetPath,
      assertHeld: () => {
        throw lost;
      },
    };
    await expect(commitReplacement(lock, Buffer.from("new"), { durability: "disk" })).rejects.toBe(lost);
    expect(readFileSync(targetPath, "utf8")).toBe("old");
    expect(namesIn(directory)).toEqual(["state.json"]);
    expect(descriptorsIn(directory)).toEqual([]);
  });
});

describe("staged files left by crashes", () => {
  it("P6: the first commit sweeps those of its own file, and no others", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "state.json");
    const others = [
      staged("other.json"),
      staged("state.json.bak"),
      ".state.json.tmp",
      ".state.json.0123.staged",
      "state.json.tmp",
    ];
    for (const name of [...others, staged("state.json")]) writeFileSync(join(directory, name), "half");
    await replaceFile(path, "new");
    expect(namesIn(directory)).toEqual([...others, "state.json"].toSorted());
  });

  it("those that others leave while a process lives are removed, too, after ten minutes", () => {
    const directory = temporaryDirectory();
    const path = join(directory, "state.json");
    replaceFileSync(path, "one");
    writeFileSync(join(directory, staged("state.json")), "half");
    replaceFileSync(path, "two");
    expect(namesIn(directory)).toEqual([staged("state.json"), "state.json"]);
    const later = performance.now() + 600_000;
    const clock = vi.spyOn(performance, "now").mockReturnValue(later);
    try {
      replaceFileSync(path, "three");
    } finally {
      clock.mockRestore();
    }
    expect(namesIn(directory)).toEqual(["state.json"]);
  });

  it.runIf(asRoot)("another user's staged file stays", async () => {
    const directory = temporaryDirectory();
    const name = staged("state.json");
    writeFileSync(join(directory, name), "half");
    const restore = substituteFileSystem({
      lstatSync: (path) => {
        const stats = realFileSystem.lstatSync(path);
        if (stats !== undefined && path.endsWith(name)) stats.uid = 4_242n;
        return stats;
      },
    });
    const { geteuid } = process;
    process.geteuid = () => 1_000;
    try {
      await commitReplacement(
        { targetPath: join(directory, "state.json"), assertHeld: () => {} },
        Buffer.from("new"),
        {
          durability: "os",
        },
      );
    } finally {
      if (geteuid !== undefined) process.geteuid = geteuid;
      restore();
    }
    expect(namesIn(directory)).toContain(name);
  });

  it("sweepStagedFiles passes over a file whose lock is taken", async () => {
    const directory = temporaryDirectory();
    for (const name of ["busy", "idle"].map(staged)) writeFileSync(join(directory, name), "");
    const lock = await acquireLock(join(directory, "busy"), "exclusive");
    expect(await sweepStagedFiles(directory)).toEqual([join(directory, staged("idle"))]);
    await lock.release();
    expect(await sweepStagedFiles(directory)).toEqual([join(directory, staged("busy"))]);
    expect(namesIn(directory)).toEqual([]);
  });
});
