/** P9: every way to name a file leads to one lock, or is refused. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCommand } from "../harness/commands.ts";
import { MountNamespace, mountRefusal } from "../harness/mount-namespace.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { aliasesOfLayouts } from "./alias-layouts.ts";
import { LockClerk } from "./lock-clerk.ts";
import { skipAbsent } from "./neighbour.ts";

/** A name of a file, and where it is one. */
interface Name {
  readonly path: string;
  readonly cwd?: string;
  readonly namespace?: MountNamespace;
}

interface Alias {
  readonly name: string;
  /** Makes another name for `directory/data/file`, and says it; a failure is why it cannot be made here. */
  make(directory: string): Name | Promise<Name | Error>;
  readonly refused?: true;
}

const inside = (directory: string, ...names: readonly string[]): string => join(directory, ...names);

/** A path that a mount leads to: only in a namespace of its own, with which it goes. */
async function mounted(args: readonly string[], path: string): Promise<Name | Error> {
  const refusal = mountRefusal();
  if (refusal !== undefined) return new Error(refusal);
  const namespace = await MountNamespace.make();
  try {
    namespace.mount(args);
    return { path, namespace };
  } catch (error) {
    await namespace.end();
    return error as Error;
  }
}

/** Somebody who calls files as it is done there. */
function clerkAt({ cwd, namespace }: Pick<Name, "cwd" | "namespace">): LockClerk {
  return new LockClerk({ ...(cwd !== undefined && { cwd }), through: namespace?.inside ?? [] });
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
      return mounted(["--bind", inside(directory, "data"), at], join(at, "file"));
    },
  },
  {
    name: "a bind mount of the file alone",
    refused: true,
    make(directory) {
      const at = inside(directory, "bound-file");
      writeFileSync(at, "");
      return mounted(["--bind", inside(directory, "data", "file"), at], at);
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
      const other = await alias.make(directory);
      if (other instanceof Error) return tally.skip(`P9: ${alias.name}`, other.message);
      try {
        if (alias.refused === true) await tally.check(`P9: ${alias.name} is refused`, () => refused(other));
        else
          await tally.check(`P9: ${alias.name} leads to the same lock`, () =>
            excludes({ ...other, path: inside(directory, "data", "file") }, other),
          );
      } finally {
        await other.namespace?.end();
      }
      return undefined;
    });
  }
  await aliasesOfLayouts({ tally });
  for (const below of [["file"], ["file", "file.lock"]]) await overlay({ tally }, below);
  await fuse({ tally });
}

async function refused(name: Name): Promise<void> {
  const clerk = clerkAt(name);
  match(await clerk.take(name.path), /^ERR_UNSAFE_PATH: /);
  await clerk.end();
}

/** A process that names the file one way keeps out one that names it another, and the other way round. */
async function excludes(one: Name, other: Name): Promise<void> {
  const [first, second] = [clerkAt(one), clerkAt(other)];
  try {
    equal(await first.take(one.path), "granted");
    equal(await second.take(other.path), "busy");
    await first.release(one.path);
    equal(await second.take(other.path), "granted");
    equal(await first.take(one.path), "busy");
  } finally {
    for (const clerk of [first, second]) await clerk.end();
  }
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
    const file = join(merged ?? "", "file");
    const mount = await mounted(["-t", "overlay", "overlay", "-o", options, merged ?? ""], file);
    const what = `P9: users of one overlay exclude each other, with ${below.join(" and ")} in its lower directory`;
    if (mount instanceof Error) return tally.skip(what, mount.message);
    await tally.check(what, () => excludes(mount, mount));
    await mount.namespace?.end();
    return undefined;
  });
}

/** FUSE for real; the other network file systems are told by the same number of statfs(2), which core's tests give them. */
async function fuse({ tally }: Pick<PartContext, "tally">): Promise<void> {
  const what =
    "P12: data and locks on FUSE are refused, also where it is mounted over a directory in use, and nothing is made there";
  if (findCommand("bindfs") === undefined) return skipAbsent(tally, what, "bindfs is not installed");
  const refusal = mountRefusal();
  if (refusal !== undefined) return tally.skip(what, refusal);
  await withTemporaryDirectory(async (directory) => {
    const [source, at] = [inside(directory, "source"), inside(directory, "at")];
    for (const path of [source, at]) mkdirSync(path);
    const path = inside(at, "file");
    const namespace = await MountNamespace.make();
    const clerk = clerkAt({ namespace });
    try {
      equal(await clerk.take(path), "granted"); // it keeps the lock file open
      await clerk.release(path);
      try {
        await namespace.serve(["bindfs", "-f", "-o", "nonempty", source, at], at);
      } catch (error) {
        return tally.skip(what, (error as Error).message);
      }
      await tally.check(what, async () => {
        match(await clerk.take(path), /^ERR_LOCK_UNSUPPORTED: .*allowNetworkFileSystem/s);
        deepEqual(readdirSync(source), []);
        equal(await clerk.take(path, { allowNetworkFileSystem: true }), "granted");
        await clerk.release(path);
        ok(readdirSync(source).includes("file.lock"), "its lock is not on the file system that is mounted");
      });
    } finally {
      await clerk.end();
      await namespace.end();
    }
    return undefined;
  });
}
