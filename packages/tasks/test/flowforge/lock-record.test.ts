import { expect, it, vi } from "vitest";
import { acquireLock, isLocked } from "../../src/flowforge.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

const readSync = vi.hoisted(() => vi.fn<() => unknown>());
vi.mock(import("@flockwork/core"), async (original) => ({
  ...(await original()),
  jsonDocument: () => ({ readSync }) as never,
}));

it.each([[null], [[]], ["x"], [{ lockId: 5 }]])(
  "a lock's record that another program made %j is refused, and the lock is given back",
  async (record) => {
    const file = place(temporaryDirectory(), ".flowforge/tasks.json", { tasks: [] });
    readSync.mockReturnValue(record);
    await expect(acquireLock(file, 1_000)).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
    expect(await isLocked(file)).toBe(false);
  },
);
