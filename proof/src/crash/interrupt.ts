import { cpSync } from "node:fs";
import { join } from "node:path";
import { act } from "./act.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { inFreshDirectory } from "./in-fresh-directory.ts";
import { killAt } from "./kill-at.ts";

/**
 * Makes the directory that an operation starts from where it starts from what a crash left: with a real kill, once, to be
 * copied from then on. Undefined where it starts from what it prepares.
 */
export async function interrupt(
  { name, interrupted, startFrom }: CrashOperation,
  root: string,
): Promise<string | undefined> {
  if (interrupted === undefined) return startFrom;
  const { operation } = interrupted;
  const counted = await inFreshDirectory(root, (directory) => act(operation, directory, 0));
  if (typeof counted === "string") return undefined; // and nor can anything be counted after this
  const call = interrupted.at(counted.calls);
  if (call === undefined) throw new Error(`${name}: ${operation.name} makes no such call`);
  const kept = join(root, `interrupted ${name}`);
  let aim = call;
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const { there, next } = await inFreshDirectory(root, async (directory) => {
      const killed = await killAt(operation, directory, 0, aim, undefined, counted.calls);
      if (killed.there && killed.directory !== undefined)
        cpSync(killed.directory, kept, { recursive: true, verbatimSymlinks: true });
      return killed;
    });
    if (there) return kept;
    aim = next;
  }
  throw new Error(`${name}: ${operation.name} could not be killed at ${call.place}`);
}
