import { deepEqual, ok } from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { closeAppendFiles, closeIdleLocks } from "../../harness/core.ts";
import { differences, treeDigest } from "../../hostile/tree-digest.ts";
import { verifyUnlocked } from "../../harness/raw-lock.ts";
import type { CrashOperation } from "../crash-operation.ts";
import type { Aftermath } from "../verify.ts";
import { ageEmptyLocks } from "./age-empty-locks.ts";
import type { DomainOperation } from "./domain-operation.ts";
import { fileTree, unfinished } from "./file-tree.ts";
import { standingOf, verifyMade } from "./standing.ts";

/** What the next one met: what its call came to, and what there was after it. */
interface Followed {
  readonly outcome: string;
  readonly left: unknown;
}

const actor = new URL("domain-actor.ts", import.meta.url);

/** Makes of a domain's call one that can be killed like core's, in a directory of its own below `root`. */
export async function crashOperationOf(domain: DomainOperation, root: string): Promise<CrashOperation> {
  const place = join(root, domain.name.replaceAll(/\W+/g, "-"));
  const start = join(place, "start");
  mkdirSync(start, { recursive: true });
  await domain.prepare?.(start);
  const copy = (name: string): string => {
    const path = join(place, name);
    cpSync(start, path, { recursive: true, verbatimSymlinks: true });
    return path;
  };
  const [before, after] = [copy("before"), copy("after")];
  await domain.run(after, 1);
  ok(
    domain.undoes === true || differences(treeDigest(before), treeDigest(after), "").length > 0,
    `${domain.name}: it changes nothing`,
  );
  const files = filesOf(after);
  const standing = [await standingOf(domain, before), await standingOf(domain, after)] as const;
  const expected = [await follow(domain, before), await follow(domain, after)];
  ok(
    expected.every(({ outcome }) => !outcome.startsWith("broken")),
    `${domain.name}: the next one cannot go on: ${expected.map(({ outcome }) => outcome).join(", ")}`,
  );
  return {
    name: domain.name,
    actor,
    startFrom: start,
    onlyChanging: true,
    inSteps: domain.inSteps,
    files: domain.durability === "os" ? [] : files,
    content: () => undefined,
    run: (directory, round) => domain.run(directory, round),
    async verify({ directory, acknowledged, begun, mayLeave, inPart = false }: Aftermath): Promise<void> {
      verifyUnlocked(directory);
      // Between the two, what there is has no rule of its own: the next one tells.
      if ((acknowledged === 1 && !inPart) || begun === 0) {
        const stands = await standingOf(domain, directory);
        if (acknowledged === 1) verifyMade(domain.name, stands, ...standing);
        else deepEqual(stands.told, standing[0].told, `${domain.name}: it says that nothing was changed`);
      }
      const found = await follow(domain, directory, mayLeave);
      const allowed = expected.slice(acknowledged, begun + 1);
      const same = allowed.find((each) => JSON.stringify(each) === JSON.stringify(found));
      if (same === undefined) deepEqual(found, allowed.at(-1));
      verifyUnlocked(directory);
    },
  };
}

async function follow(domain: DomainOperation, directory: string, mayLeave = false): Promise<Followed> {
  ageEmptyLocks(directory);
  let outcome = "done";
  try {
    if (domain.follow === undefined) await domain.run(directory, 2);
    else await domain.follow(directory);
  } catch (error) {
    const { code } = error as { code?: unknown };
    outcome = typeof code === "string" && code.startsWith("ERR_") ? code : `broken: ${String(error)}`;
  }
  // Who is refused writes nothing, and so removes nothing: that is for the next writer.
  const mayStay = mayLeave || outcome !== "done";
  const left =
    domain.read === undefined
      ? fileTree(directory, mayStay)
      : {
          read: await domain.read(directory),
          unfinished: mayStay || domain.leavesNothing !== true ? [] : unfinished(directory),
        };
  closeIdleLocks();
  closeAppendFiles();
  return { outcome, left: JSON.parse(JSON.stringify(left)) as unknown };
}

/** What is stored, by its path below the directory. */
function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:lock|gate|flock|meta|db|db-wal|db-shm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((name) => !/\.lock\/|\.locks\/|\/locks\//.test(name));
}
