import { createHash } from "node:crypto";
import type { Random } from "../harness/random.ts";
import { type Disk, DiskFile } from "./disk.ts";
import { root } from "./event.ts";
import { tornData } from "./torn-data.ts";
import { keyOf, type NameOrder, tornNames } from "./torn-names.ts";

/** One thing in a directory after a crash. */
export interface Entry {
  /** Below the directory. Directories come before what is in them. */
  readonly path: string;
  readonly what: DiskFile["what"];
  /** What a file holds, or where a link leads. */
  readonly content: Buffer;
}

/** What a loss of power may leave. */
export interface CrashState {
  readonly entries: readonly Entry[];
  readonly digest: string;
  /** Whether the names of each directory may have come to be in the order they were given. */
  readonly isInOrder: boolean;
}

export interface CrashStates {
  readonly states: readonly CrashState[];
  /** Whether these are all there are. */
  readonly isAll: boolean;
}

/** What the disk may hold when the power goes now: all of it if it is at most so many, else the plausible and a random choice. */
export function crashStates(disk: Disk, limit: number, order: NameOrder, random: Random): CrashStates {
  const states = new Map<string, CrashState>();
  const add = (entries: readonly Entry[], { isInOrder }: Tree): void => {
    const digest = digestOf(entries);
    if (states.get(digest)?.isInOrder !== true && (isInOrder || !states.has(digest)))
      states.set(digest, { entries, digest, isInOrder });
  };
  const contents = new Map([...disk.files].map(([id, file]) => [id, tornData(file)]));
  const { trees, isAll } = treesOf(disk, order, random);
  const counts = trees.map((tree) => product(tree.files.map((id) => contents.get(id)?.length ?? 1)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= limit * 2) {
    for (const tree of trees)
      for (const chosen of everyChoice(tree.files.map((id) => contents.get(id) ?? [])))
        add(tree.with(chosen), tree);
    return { states: [...states.values()], isAll };
  }
  for (const tree of random.shuffled(trees)) {
    if (states.size >= limit / 2) break;
    for (const chosen of corners(tree.files.map((id) => contents.get(id) ?? [])))
      add(tree.with(chosen), tree);
  }
  for (let tries = 0; states.size < limit && tries < limit * 4; tries += 1) {
    const tree = random.pick(trees);
    add(tree.with(tree.files.map((id) => random.pick(contents.get(id) ?? []))), tree);
  }
  return { states: [...states.values()], isAll: false };
}

/** A choice of names, to be filled with contents. */
interface Tree {
  /** As {@link CrashState.isInOrder}. */
  readonly isInOrder: boolean;
  /** The files in it. */
  readonly files: readonly number[];
  /** With a content for each of them. */
  with(contents: readonly Buffer[]): readonly Entry[];
}

function treesOf(disk: Disk, order: NameOrder, random: Random): { readonly trees: Tree[]; isAll: boolean } {
  let isAll = true;
  const directories = [...disk.files].filter(([, file]) => file.what === "directory");
  const choices = directories.map(([, directory]) => {
    const names = tornNames(directory, order, random);
    isAll &&= names.isAll;
    const ordered = new Set(tornNames(directory, "in order", random).found.map(keyOf));
    return names.found.map((found) => ({ found, isInOrder: ordered.has(keyOf(found)) }));
  });
  const trees = [...everyChoice(choices)].map((chosen) => {
    const names = new Map(
      directories.map(([id], at) => [id, chosen[at]?.found ?? new Map<string, number>()]),
    );
    return treeOf(
      disk,
      names,
      chosen.every(({ isInOrder }) => isInOrder),
    );
  });
  return { trees, isAll };
}

function treeOf(
  disk: Disk,
  names: ReadonlyMap<number, ReadonlyMap<string, number>>,
  isInOrder: boolean,
): Tree {
  const found: { readonly path: string; readonly id: number }[] = [];
  const walk = (directory: number, prefix: string): void => {
    for (const [name, id] of names.get(directory) ?? []) {
      found.push({ path: prefix + name, id });
      if (disk.file(id).what === "directory") walk(id, `${prefix}${name}/`);
    }
  };
  walk(root, "");
  const files = [...new Set(found.map(({ id }) => id).filter((id) => disk.file(id).what === "file"))];
  return {
    files,
    isInOrder,
    with: (contents) => {
      const byFile = new Map(files.map((id, at) => [id, contents[at] ?? Buffer.alloc(0)]));
      return found.map(({ path, id }) => {
        const { what, text } = disk.file(id);
        return { path, what, content: byFile.get(id) ?? Buffer.from(text) };
      });
    },
  };
}

/** All as is certain, all as it was seen, all torn in one way, and each of them torn in every way among the others. */
function* corners(contents: readonly Buffer[][]): Generator<Buffer[]> {
  const at = (index: number): Buffer[] =>
    contents.map((each) => each[Math.min(index, each.length - 1)] as Buffer);
  yield at(0);
  yield at(1);
  yield at(2);
  for (const [which, each] of contents.entries())
    for (const content of each) yield at(1).with(which, content);
}

function* everyChoice<T>(options: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...rest] = options;
  if (first === undefined) return yield [];
  for (const others of everyChoice(rest)) for (const each of first) yield [each, ...others];
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum * each, 1);
}

function digestOf(entries: readonly Entry[]): string {
  const hash = createHash("sha1");
  for (const { path, what, content } of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path}\0${what}\0${content.length}\0`).update(content);
  return hash.digest("hex");
}

/** The state as a disk of its own, on which everything is durable: what is found when the power is back. */
export function diskOf(entries: readonly Entry[], onto: Disk): Disk {
  const disk = onto;
  const directories = new Map([["", root]]);
  let last = root;
  for (const { path, what, content } of entries) {
    const slash = path.lastIndexOf("/");
    const parent = directories.get(slash === -1 ? "" : path.slice(0, slash)) ?? root;
    const id = (last += 1);
    disk.files.set(
      id,
      new DiskFile(what, what === "symlink" ? content.toString() : "", what === "file" ? content : undefined),
    );
    disk.file(parent).names.set(path.slice(slash + 1), id);
    if (what === "directory") directories.set(path, id);
  }
  return disk;
}
