import { hash } from "node:crypto";
import { dirname } from "node:path";
import { contentRevision } from "../atomic/content-revision.ts";
import { stageFileSync } from "../atomic/staged-file.ts";
import { syncDirectorySync } from "../atomic/sync-directory.ts";
import type { Durability } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { removeIfThere } from "../platform/forgiving.ts";
import { readWhole } from "./read-whole.ts";
import { setAside } from "./set-aside.ts";
import type { IntentMember, ReplacedDocument } from "./intent-record.ts";

/**
 * Puts staged content in the place of the old, if it is the old content that is there. Somebody who knew nothing of the
 * commit may have written since the crash: then theirs is the newer one, and ours is moved aside, byte for byte, and reported.
 * Lines that were only appended to a log since go behind the new content. Throws the system's error; then nothing was changed.
 */
export function finishDocument(
  { targetPath, stagedHash, stagedBytes }: IntentMember,
  { before, after, beforeBytes }: ReplacedDocument,
  stagedPath: string,
  durability: Durability,
): void {
  const staged = readWhole(stagedPath);
  if (staged === undefined || staged.length !== stagedBytes || hash("sha256", staged, "hex") !== stagedHash)
    return setAside(targetPath, stagedPath, "what an interrupted transact had staged is damaged");
  const current = readWhole(targetPath);
  const revision = current === undefined ? absent : contentRevision(current);
  const isLog = beforeBytes !== undefined && current !== undefined;
  const isDone = revision === after || (isLog && beginsWith(current, stagedBytes, after));
  if (revision === before) files.renameSync(stagedPath, targetPath);
  else if (!isDone && isLog && beginsWith(current, beforeBytes, before)) {
    const grown = Buffer.concat([staged, current.subarray(beforeBytes)]);
    stageFileSync(targetPath, grown, { durability }).commit();
  } else if (!isDone)
    return setAside(
      targetPath,
      stagedPath,
      "somebody wrote the file after a transact was interrupted, without finishing it first",
    );
  // Also where it was done already: by somebody who may have died before the new name was durable.
  if (durability === "disk") syncDirectorySync(dirname(targetPath));
  removeIfThere(stagedPath);
}

const absent = "absent";

/** Whether a log has grown from this content. */
function beginsWith(current: Buffer, bytes: number, revision: string): boolean {
  if (revision === absent) return bytes === 0;
  return current.length >= bytes && contentRevision(current.subarray(0, bytes)) === revision;
}
