import { renameSync, symlinkSync, writeFileSync } from "node:fs";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock, tryAcquireLockSync } from "../../src/lock/acquire-lock.ts";
import { LockOrderError, LockReentryError } from "../../src/lock/lock-errors.ts";
import {
  withReadLock,
  withReadLockSync,
  withWriteLock,
  withWriteLockSync,
} from "../../src/lock/with-lock.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();

describe("P13: nested locks", () => {
  it("a second acquisition of the same lock in its own flow fails at once, whatever the modes", async () => {
    const path = space.file();
    for (const outer of [withReadLock, withWriteLock]) {
      await outer(path, async () => {
        for (const inner of [withReadLock, withWriteLock]) {
          await expect(inner(path, () => undefined, { timeoutMs: Infinity })).rejects.toThrow(
            LockReentryError,
          );
        }
        await expect(tryAcquireLock(path, "exclusive")).rejects.toThrow(LockReentryError);
      });
    }
  });

  it("a synchronous acquisition inside a lock held asynchronously fails at once, and the other way round", async () => {
    const path = space.file();
    await withWriteLock(path, () => {
      expect(() => withWriteLockSync(path, () => undefined)).toThrow(LockReentryError);
    });
    withWriteLockSync(path, () => {
      expect(() => withReadLockSync(path, () => undefined)).toThrow(LockReentryError);
    });
  });

  it("an asynchronous acquisition started inside a synchronous section is inside it, and what it starts is inside both", async () => {
    const [a, b, c] = [space.file("a"), space.file("b"), space.file("c")];
    const started = withWriteLockSync(a, () => {
      const refused = expect(withReadLock(a, () => undefined)).rejects.toThrow(LockReentryError);
      const inner = withWriteLock(b, async () => {
        // Without waiting: only who knows what surrounds it calls it a re-entry; for others the lock is busy.
        for (const path of [a, b])
          expect(() => tryAcquireLockSync(path, "exclusive")).toThrow(LockReentryError);
        withWriteLockSync(c, () => {
          for (const path of [a, b, c])
            expect(() => tryAcquireLockSync(path, "shared")).toThrow(LockReentryError);
        });
        expect(() => tryAcquireLockSync(b, "shared")).toThrow(LockReentryError);
        await Promise.resolve();
        expect(() => tryAcquireLockSync(b, "shared")).toThrow(LockReentryError);
        // The section around it is over: no re-entry any more, only an order that others saw.
        expect(() => withWriteLockSync(a, () => undefined)).toThrow(LockOrderError);
      });
      expect(() => tryAcquireLockSync(a, "shared")).toThrow(LockReentryError);
      return [refused, inner] as const;
    });
    await Promise.all(started);
  });

  it("what a synchronous section leaves behind does not run inside it, but inside what surrounds it", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    const take = (): string => withWriteLockSync(b, () => "taken");
    await withWriteLock(a, async () => {
      const left = withWriteLockSync(b, () => [
        Promise.resolve().then(take),
        new Promise((resolve) => setImmediate(() => resolve(take()))),
        Promise.resolve().then(() =>
          expect(() => withWriteLockSync(a, () => undefined)).toThrow(LockReentryError),
        ),
      ]);
      expect((await Promise.all(left)).slice(0, 2)).toEqual(["taken", "taken"]);
    });
    withWriteLockSync(a, () => undefined);
  });

  it("another flow is not taken to be inside what surrounds a synchronous section that is over", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    const asked = Promise.withResolvers<void>();
    const other = asked.promise.then(() => tryAcquireLockSync(a, "shared"));
    await withWriteLock(a, async () => {
      withWriteLockSync(b, () => undefined);
      asked.resolve();
      expect(await other).toBeUndefined(); // busy, and no re-entry
    });
  });

  it("a synchronous section that throws is over", () => {
    const path = space.file();
    const failing = (): void =>
      withWriteLockSync(path, () => {
        throw new Error("on purpose");
      });
    expect(failing).toThrow("on purpose");
    expect(failing).toThrow("on purpose");
  });

  it("the lock may be taken again in the same flow after it was released early", async () => {
    const path = space.file();
    await withWriteLock(path, async (lock) => {
      await lock.release();
      await withWriteLock(path, () => undefined);
    });
  });

  it("names both files when two locks are taken in opposite orders", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    await withWriteLock(a, () => withWriteLock(b, () => undefined));
    const failure = await withWriteLock(b, () => withWriteLock(a, () => undefined)).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(LockOrderError);
    expect(failure).toMatchObject({ code: "ERR_LOCK_ORDER", path: a, heldPath: b });
    expect((failure as Error).message).toContain(a);
    expect((failure as Error).message).toContain(b);
  });

  it("notices an inversion through a third lock", async () => {
    const [a, b, c] = [space.file("a"), space.file("b"), space.file("c")];
    await withWriteLock(a, () => withWriteLock(b, () => undefined));
    await withWriteLock(b, () => withWriteLock(c, () => undefined));
    await expect(withWriteLock(c, () => withWriteLock(a, () => undefined))).rejects.toThrow(LockOrderError);
  });

  it("calls A inside B inside A a re-entry, not an inversion", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    await withWriteLock(a, () =>
      withWriteLock(b, () => expect(withWriteLock(a, () => undefined)).rejects.toThrow(LockReentryError)),
    );
  });

  it("does not remember the order of an acquisition that was refused", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    await withWriteLock(a, () =>
      withWriteLock(b, () => withWriteLock(a, () => undefined).catch(() => undefined)),
    );
    await withWriteLock(a, () => withWriteLock(b, () => undefined)); // the order that was really seen
  });

  it("an alias that is found out only after the grant is a re-entry as well", async () => {
    const [path, other] = [space.file("a"), space.file("b")];
    writeFileSync(path, "1");
    await withWriteLock(path, () => undefined); // its place is known from now on
    renameSync(path, other);
    symlinkSync(other, path);
    await withWriteLock(other, async () => {
      await expect(withWriteLock(path, () => undefined)).rejects.toThrow(LockReentryError);
    });
  });

  it("a task that outlives the lock it was started in may take it", async () => {
    const path = space.file();
    const started = Promise.withResolvers<void>();
    const { promise: detached } = await withWriteLock(path, () => {
      const promise = started.promise.then(() => withWriteLock(path, () => "later"));
      return { promise };
    });
    started.resolve();
    expect(await detached).toBe("later");
  });

  it("a chain of tasks, each started inside the lock of the one before, holds on to none of them", async () => {
    const path = space.file();
    const parents = async (left: number): Promise<number> => {
      const next = await withWriteLock(path, (lock) => {
        if (left === 0) return { length: lengthOf(lock) };
        // The next round starts inside this lock's context and takes the lock when it is free again.
        return { again: new Promise<number>((resolve) => setImmediate(() => resolve(parents(left - 1)))) };
      });
      return "again" in next ? next.again : next.length;
    };
    expect(await parents(50)).toBeLessThan(3);
  });

  it("two flows side by side do not take each other's locks for their own", async () => {
    const path = space.file();
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((name) => withWriteLock(path, () => void order.push(name))));
    expect(order).toEqual([1, 2, 3]);
  });

  it("a flow that waited does not inherit what the flow that let it in holds", async () => {
    const [a, b, c] = [space.file("a"), space.file("b"), space.file("c")];
    const first = await acquireLock(a, "exclusive");
    const waited = withWriteLock(a, async () => {
      expect(await tryAcquireLock(b, "exclusive")).toBeUndefined(); // busy, and no re-entry
      await withWriteLock(c, () => undefined);
    });
    await withWriteLock(b, async () => {
      await first.release();
      await waited;
    });
    // Nobody took c while b was held, so the other way round is no inversion.
    await withWriteLock(c, () => withWriteLock(b, () => undefined));
  });

  it("keeps the caller's own asynchronous context through a wait", async () => {
    const path = space.file();
    const context = new AsyncLocalStorage<string>();
    const lock = await acquireLock(path, "exclusive");
    const seen = context.run("mine", () => withWriteLock(path, () => context.getStore()));
    await context.run("other", () => lock.release());
    expect(await seen).toBe("mine");
  });
});

function lengthOf(lock: object): number {
  let length = 0;
  for (let at = lock as { parent?: object } | undefined; at !== undefined; at = at.parent) length += 1;
  return length;
}

describe("P13: two flows that take two locks the other way round at the same time", () => {
  it("end at once: the second request of one is refused, and the other goes on", async () => {
    const [a, b] = [space.file("a"), space.file("b")];
    const both = Promise.withResolvers<undefined>();
    let inside = 0;
    const flow = (first: string, second: string): Promise<string> =>
      withWriteLock(first, async () => {
        inside += 1;
        if (inside === 2) both.resolve(undefined);
        await both.promise;
        await withWriteLock(second, () => undefined);
        return "done";
      }).catch((error: { code: string }) => error.code);
    const outcomes = await Promise.all([flow(a, b), flow(b, a)]);
    expect(outcomes.toSorted()).toEqual(["ERR_LOCK_ORDER", "done"]);
  });
});
