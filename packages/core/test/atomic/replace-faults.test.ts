import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile, replaceFileSync } from "../../src/atomic/replace-file.ts";
import { CommitUncertainError, StoreError } from "../../src/errors.ts";
import { countingCalls, errnos, failingAt } from "./faults.ts";
import { descriptorsIn, namesIn, temporaryDirectory } from "./surroundings.ts";

describe.each([
  ["replaceFile", (path: string) => replaceFile(path, "new")],
  ["replaceFileSync", (path: string) => replaceFileSync(path, "new")],
] as const)("%s while the system fails", (_name, replace) => {
  it.each(errnos)(
    "P6: %s at any file call leaves the old content or the new, and says which",
    async (code) => {
      const directory = temporaryDirectory();
      const path = join(directory, "state.json");
      writeFileSync(path, "old");
      const { calls } = await countingCalls(() => replace(path));
      let rejections = 0;
      let uncertain = 0;
      let undecided = 0;
      for (const onward of [false, true]) {
        for (let n = 0; n < calls.length; n += 1) {
          writeFileSync(path, "old");
          const { outcome } = await failingAt(n, code, onward, () => replace(path));
          const content = readFileSync(path, "utf8");
          const at = `call ${n} (${calls[n]}), onward: ${onward}`;
          if (outcome.status === "fulfilled") {
            expect(content, at).toBe("new");
          } else {
            rejections += 1;
            expect(outcome.reason, at).toBeInstanceOf(StoreError);
            const isUncertain = outcome.reason instanceof CommitUncertainError;
            if (isUncertain) uncertain += 1;
            // The disk fails from before the rename on, and takes no sync either: that it was not renamed, nobody can say.
            const isUndecided = isUncertain && content === "old";
            if (isUndecided) undecided += 1;
            if (isUndecided) expect(onward, at).toBe(true);
            expect(content, `${at}: ${String(outcome.reason)}`).toBe(
              isUncertain && !isUndecided ? "new" : "old",
            );
          }
          if (!onward) expect(namesIn(directory), at).toEqual(["state.json"]);
          expect(descriptorsIn(directory), at).toEqual([]);
          await replaceFile(path, "after", { timeoutMs: 0 }); // the lock is free
          expect(readFileSync(path, "utf8")).toBe("after");
        }
      }
      expect(rejections).toBeGreaterThan(calls.length / 2);
      expect(uncertain).toBeGreaterThan(0);
      expect(undecided > 0).toBe(code === "EIO");
    },
  );
});

it("P6: a failed fsync is not repeated: the staged file goes and the old content stands", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "state.json");
  writeFileSync(path, "old");
  await replaceFile(path, "old");
  const { calls } = await countingCalls(() => replaceFile(path, "old"));
  const { outcome, failed } = await failingAt(calls.indexOf("fsync"), "EIO", false, () =>
    replaceFile(path, "new"),
  );
  expect(failed).toBe("fsync");
  expect(outcome).toMatchObject({ reason: { code: "ERR_WRITE_FAILED", osCode: "EIO", path } });
  expect(namesIn(directory)).toEqual(["state.json"]);
  expect(readFileSync(path, "utf8")).toBe("old");
});
