import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileStore, type Store, type StoreDocument, type StoreLog } from "../harness/core.ts";
import type { Entry } from "./crash-states.ts";

/** What the document holds. */
export interface Value {
  round: number;
  text: string;
}

export interface LogRecord {
  readonly round: number;
  readonly at: number;
  readonly text: string;
}

/** Where the members lie: all in one directory, or in two, of which one is made by the first write. */
export type Shape = "flat" | "parted";

export interface Members {
  readonly store: Store;
  readonly left: StoreDocument<Value>;
  readonly right: StoreDocument<Value>;
  readonly events: StoreLog<LogRecord>;
}

export type MemberName = "left" | "right" | "events";

/** The bytes of each member; undefined where it is not there. An empty log is as good as none. */
export type World = Readonly<Record<MemberName, string | undefined>>;

export const memberNames: readonly MemberName[] = ["left", "right", "events"];

export function pathsOf(shape: Shape): Readonly<Record<MemberName, string>> {
  const deep = shape === "parted" ? "deep/" : "";
  return { left: "left.json", right: `${deep}right.json`, events: `${deep}events.jsonl` };
}

export function openMembers(directory: string, shape: Shape): Members {
  const store = fileStore(directory);
  const { left, right, events } = pathsOf(shape);
  const defaults = (): Value => ({ round: 0, text: "" });
  return {
    store,
    left: store.document<Value>({ name: left, defaults }),
    right: store.document<Value>({ name: right, defaults }),
    events: store.log<LogRecord>({ name: events }),
  };
}

export function readWorld(directory: string, shape: Shape): World {
  const paths = pathsOf(shape);
  const read = (name: MemberName): string | undefined => {
    const path = join(directory, paths[name]);
    return existsSync(path) ? readFileSync(path, "latin1") : undefined;
  };
  return { left: read("left"), right: read("right"), events: read("events") || undefined };
}

export function sameWorld(one: World, other: World): boolean {
  return memberNames.every((name) => one[name] === other[name]);
}

/** Whether the log has a commit to be finished: a torn tail is a part of its lines then, and whoever comes next completes it. */
export function isCommitted(entries: readonly Entry[]): boolean {
  const link = entries.find(({ path }) => path.endsWith(".events.jsonl.intent"))?.content.toString() ?? "";
  return link !== "" && entries.some(({ path }) => basename(path) === basename(link));
}

/** Puts on a real file system what the model says is there. */
export function materialise(entries: readonly Entry[], directory: string): void {
  mkdirSync(directory);
  for (const { path, what, content } of entries) {
    if (what === "directory") mkdirSync(join(directory, path));
    else if (what === "symlink") symlinkSync(content.toString(), join(directory, path));
    else writeFileSync(join(directory, path), content);
  }
}
