import { expect, it } from "vitest";

import { acquireLock, lockAll, lockAllSync, tryAcquireLockSync, withWriteLockSync } from "../../src/index.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();

it("P13: lockAllSync takes every lock and gives all of them back", () => {
  const [a, b] = [space.file("a"), space.file("b")];
  const seen = lockAllSync([b, { path: a, mode: "shared" }], (locks) => {
    for (const path of [a, b]) {
      expect(() => tryAcquireLockSync(path, "shared")).toThrow(
        expect.objectContaining({ code: "ERR_LOCK_REENTRY" }),
      );
    }
    return locks.map(({ path, mode }) => [path, mode]);
  });
  expect(seen).toEqual([
    [b, "exclusive"],
    [a, "shared"],
  ]);
  withWriteLockSync(a, () => withWriteLockSync(b, () => undefined));
});

it("P13: lockAllSync holds nothing after it failed", async () => {
  const [a, b] = [space.file("a"), space.file("b")];
  const held = await acquireLock(b, "exclusive");
  expect(() => lockAllSync([a, b], () => undefined)).toThrow(
    expect.objectContaining({ code: "ERR_LOCK_REENTRY" }),
  );
  await held.release();
  expect(() => lockAllSync([a, b], () => Promise.resolve())).toThrow(TypeError);
  await lockAll([a, b], () => undefined);
});
