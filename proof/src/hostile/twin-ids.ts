/**
 * Ids that some file system takes for one another: capital and small letters, and the two ways to write an é. Both are kept
 * apart, or the second is refused; and what was accepted comes back as it was given.
 */
import { deepEqual, ok } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UnsafePathError } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { onFastDisk } from "../states/states.ts";
import { isMisuse } from "./refusal.ts";
import { differences, treeDigest } from "./tree-digest.ts";
import { twinCalls, type TwinCall } from "./twin-calls.ts";

const twins: readonly (readonly [what: string, one: string, other: string])[] = [
  ["a capital and a small letter", "Alpha", "alpha"],
  ["an é of one character and of two", "caf\u00E9", "cafe\u0301"],
  ["K and the Kelvin sign", "Kelvin", "\u212Aelvin"],
  ["a name with and without a full stop behind it", "dot", "dot."],
];

export async function twinIds(
  { tally, say }: PartContext,
  calls: readonly TwinCall[] = twinCalls,
): Promise<void> {
  for (const call of calls)
    for (const [what, one, other] of twins)
      await tally.check(`ids that look alike are kept apart, or refused: ${what}: ${call.name}`, () =>
        keptApart(call, one, other),
      );
  say("ids that look alike");
}

async function keptApart(call: TwinCall, one: string, other: string): Promise<void> {
  await onFastDisk(async (root) => {
    const place = join(root, "place");
    mkdirSync(place);
    writeFileSync(join(root, "victim"), "must stay");
    const before = treeDigest(root, "place");
    const kept: [id: string, mark: string][] = [];
    for (const id of [one, other]) {
      const mark = `mark-${Buffer.from(id).toString("hex")}`;
      if (await isAccepted(() => call.write(place, id, mark))) kept.push([id, mark]);
    }
    deepEqual(differences(before, treeDigest(root, "place"), undefined), [], "something left its place");
    for (const [id, mark] of kept) {
      const found = await told(() => call.read(place, id));
      if (found !== undefined)
        ok(found.includes(mark), `what ${JSON.stringify(id)} is now: ${found.slice(0, 300)}`);
    }
    const ids = call.ids === undefined ? undefined : await told(async () => call.ids?.(place));
    if (ids !== undefined)
      for (const [id] of kept)
        ok(ids.includes(JSON.stringify(id)), `${JSON.stringify(id)} is not among ${ids}`);
  });
}

/** As JSON. Undefined where both at once are refused: that is not silent. */
async function told(look: () => Promise<unknown>): Promise<string | undefined> {
  try {
    return JSON.stringify(await look()) ?? "nothing";
  } catch (error) {
    if (error instanceof UnsafePathError) return undefined;
    throw error;
  }
}

async function isAccepted(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isMisuse(error)) return false;
    throw error;
  }
}
