import { describe, expect, it } from "vitest";

import {
  acquireLock,
  configureLocks,
  lockAll,
  onLockContention,
  pinLockDirectory,
  resolveTarget,
  withWriteLock,
  withWriteLockSync,
} from "../../src/index.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const wrong = (value: unknown): never => value as never;

describe("P10: misuse is a TypeError that names the argument, before anything is locked", () => {
  it.each([
    ["path", () => acquireLock(wrong(["a"]), "shared")],
    ["path", () => acquireLock("", "shared")],
    ["path", () => acquireLock("a\0b", "shared")],
    ["mode", () => acquireLock(space.file(), wrong("write"))],
    ["options", () => acquireLock(space.file(), "shared", wrong(5))],
    ["options", () => acquireLock(space.file(), "shared", wrong(null))],
    ["signal", () => acquireLock(space.file(), "shared", { signal: wrong({}) })],
    ["layout", () => acquireLock(space.file(), "shared", { layout: wrong(null) })],
    ["layout", () => acquireLock(space.file(), "shared", { layout: wrong("sidecars") })],
    ["work", () => withWriteLock(space.file(), wrong(undefined))],
    ["items", () => lockAll(wrong("a"), () => undefined)],
    ["items", () => lockAll([wrong(5)], () => undefined)],
    ["items", () => lockAll([wrong(null)], () => undefined)],
  ])("%s", async (name, call) => {
    await expect((async () => call())()).rejects.toThrow(TypeError);
    await expect((async () => call())()).rejects.toThrow(name);
  });

  it.each([
    ["work", () => withWriteLockSync(space.file(), wrong(5))],
    ["path", () => resolveTarget("")],
    ["dataFiles", () => pinLockDirectory(space.directory, wrong("abc"))],
    ["notify", () => onLockContention(wrong(undefined))],
    ["nope", () => configureLocks(wrong({ nope: 1 }))],
  ])("%s, synchronously", (name, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(name);
  });
});
