/** P9: every way to name a file leads to one lock, or is refused. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, LockUnsupportedError, tryAcquireLock, UnsafePathError } from "../harness/core.ts";
import { findCommand, runCommand } from "../harness/commands.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { aliasesOfLayouts } from "./alias-layouts.ts";
import { skipAbsent } from "./neighbour.ts";

interface Alias {
  readonly name: string;
  /** Makes another name for `directory/data/file`, and says it; a failure is why it cannot be made here. */
  make(
    directory: string,
  ): { readonly path: string; readonly cwd?: string; readonly end?: () => void } | Error;
  readonly refused?: true;
}

const inside = (directory: string, ...names: readonly string[]): string => join(directory, ...names);

function mounted(args: readonly string[], at: string, path: string): ReturnType<Alias["make"]> {
  const failure = process.getuid?.() === 0 ? runCommand("mount", args) : "only root can mount";
  if (failure !== undefined) return new Error(failure);
  return { path, end: () => void runCommand("umount", ["-l", at]) };
}

const aliases: readonly Alias[] = [
  { name: "a relative path", make: (directory) => ({ path: join("data", "file"), cwd: directory }) },
  { name: "a path with dots", make: (directory) => ({ path: `${directory}/data/../data/./file` }) },
  {
    name: "a linked file",
    make(directory) {
      symlinkSync(inside(directory, "data", "file"), inside(directory, "linked-file"));
      return { path: inside(directory, "linked-file") };
    },
  },
  {
    name: "a linked directory",
    make(directory) {
      symlinkSync(inside(directory, "data"), inside(directory, "linked"));
      return { path: inside(directory, "linked", "file") };
    },
  },
  {
    name: "a bind mount of the directory",
    make(directory) {
      const at = inside(directory, "bound");
      mkdirSync(at);
      return mounted(["--bind", inside(directory, "data"), at], at, join(at, "file"));
    },
  },
  {
    name: "a bind mount of the file alone",
    refused: true,
    make(directory) {
      const at = inside(directory, "bound-file");
      writeFileSync(at, "");
      return mounted(["--bind", inside(directory, "data", "file"), at], at, at);
    },
  },
  {
    name: "a hard link",
    refused: true,
    make(directory) {
      linkSync(inside(directory, "data", "file"), inside(directory, "hard"));
      return { path: inside(directory, "hard") };
    },
  },
];

export async function aliasesOf({ tally }: PartContext): Promise<void> {
  for (const alias of aliases) {
    await withTemporaryDirectory(async (directory) => {
      mkdirSync(inside(directory, "data"));
      writeFileSync(inside(directory, "data", "file"), "");
      const other = alias.make(directory);
      if (other instanceof Error) return tally.skip(`P9: ${alias.name}`, other.message);
      try {
        if (alias.refused === true)
          await tally.check(`P9: ${alias.name} is refused`, () => refused(other.path));
        else
          await tally.check(`P9: ${alias.name} leads to the same lock`, () =>
            excludes(inside(directory, "data", "file"), other.path, other.cwd),
          );
      } finally {
        other.end?.();
      }
      return undefined;
    });
  }
  await aliasesOfLayouts({ tally });
  for (const below of [["file"], ["file", "file.lock"]]) await overlay({ tally }, below);
  await fuse({ tally });
}

async function refused(path: string): Promise<void> {
  const error = await tryAcquireLock(path, "exclusive").catch((reason: unknown) => reason);
  if (!(error instanceof UnsafePathError)) throw new Error("it was not refused", { cause: error });
}

/** A process that names the file one way keeps out one that names it another, and the other way round. */
async function excludes(one: string, other: string, cwd: string | undefined): Promise<void> {
  const attempt = (path: string): Program =>
    Program.node(new URL("ours.ts", import.meta.url), ["try", "ex", path], cwd === undefined ? {} : { cwd });
  const lock = await acquireLock(one, "exclusive");
  equal(await attempt(other).line(), "busy");
  await lock.release();
  const holder = Program.node(
    new URL("ours.ts", import.meta.url),
    ["hold", "ex", other],
    cwd === undefined ? {} : { cwd },
  );
  await holder.expect("held");
  equal(await attempt(one).line(), "busy");
  holder.tell("release");
  await holder.expect("released");
  await holder.finish();
}

/** Two processes that use one overlay exclude each other, also when the file, or its lock as well, still lies in its lower directory. */
async function overlay({ tally }: Pick<PartContext, "tally">, below: readonly string[]): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) =>
      join(directory, name),
    );
    for (const path of [lower, upper, work, merged]) mkdirSync(path ?? "");
    for (const name of below) writeFileSync(join(lower ?? "", name), "");
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    const mount = mounted(
      ["-t", "overlay", "overlay", "-o", options, merged ?? ""],
      merged ?? "",
      merged ?? "",
    );
    const what = `P9: users of one overlay exclude each other, with ${below.join(" and ")} in its lower directory`;
    if (mount instanceof Error) return tally.skip(what, mount.message);
    const path = join(mount.path, "file");
    await tally.check(what, () => excludes(path, path, undefined));
    mount.end?.();
    return undefined;
  });
}

/** FUSE for real; the other network file systems are told by the same number of statfs(2), which core's tests give them. */
async function fuse({ tally }: Pick<PartContext, "tally">): Promise<void> {
  const what =
    "P12: data and locks on FUSE are refused, also where it is mounted over a directory in use, and nothing is made there";
  if (findCommand("bindfs") === undefined) return skipAbsent(tally, what, "bindfs is not installed");
  await withTemporaryDirectory(async (directory) => {
    const [source, at] = [inside(directory, "source"), inside(directory, "at")];
    for (const path of [source, at]) mkdirSync(path);
    const path = inside(at, "file");
    const before = await acquireLock(path, "exclusive");
    await before.release();
    const failure = runCommand("bindfs", ["-o", "nonempty", source, at]);
    if (failure !== undefined) return tally.skip(what, failure);
    try {
      await tally.check(what, async () => {
        const error = await tryAcquireLock(path, "exclusive").catch((reason: unknown) => reason);
        if (!(error instanceof LockUnsupportedError)) throw new Error("it was not refused", { cause: error });
        ok(error.message.includes("allowNetworkFileSystem"), error.message);
        deepEqual(readdirSync(source), []);
        await (await acquireLock(path, "exclusive", { allowNetworkFileSystem: true })).release();
      });
    } finally {
      runCommand("umount", ["-l", at]);
    }
    return undefined;
  });
}
