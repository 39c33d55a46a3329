import { mkdir, readFile, writeFile } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, test } from "vitest";
import { openNudgeQueue } from "@flockwork/queue";

const freshRoot = (): string => mkdtempSync(join(tmpdir(), "flockwork-nudges-"));

test("a claimed nudge that cannot be read is left where it is, however old", async () => {
  const root = freshRoot();
  const directory = join(root, ".runtime/nudge_queue/max");
  const path = join(directory, "1760000000000000000-0123abcd.json.claimed.0123abcd");
  await mkdir(directory, { recursive: true });
  await writeFile(path, '{"message":');
  let nowMs = Date.now();
  const nudges = openNudgeQueue(fileStore(root), "max", { now: () => nowMs });
  await nudges.claim();
  nowMs += 3_600_000;
  await nudges.claim();
  expect(await readFile(path, "utf8")).toBe('{"message":');
});

test("a nudge without a message, a priority that is none and a cap that is none are refused", async () => {
  const store = fileStore(freshRoot());
  const nudges = openNudgeQueue(store, "max");
  await expect(nudges.send({ sender: "x", message: 5 as never })).rejects.toThrow(/message must be/);
  await expect(nudges.send({ sender: "x", message: "m", priority: "high" as never })).rejects.toThrow(
    /priority must be/,
  );
  expect(() => openNudgeQueue(store, "max", { most: Number.NaN })).toThrow(/most must be/);
  expect(await nudges.pending()).toBe(0);
});
