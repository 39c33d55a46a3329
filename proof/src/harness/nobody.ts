import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const nobody = 65_534;

/** The id of a user who is not root and can run the programs here; else why there is none. */
export function uidOfNobody(): number | string {
  if (process.getuid?.() !== 0) return "only root can become somebody else";
  const readThis = ["-e", "fs.readFileSync(process.argv[1])", fileURLToPath(import.meta.url)];
  const { status } = spawnSync(process.execPath, readThis, { uid: nobody, gid: nobody, env: {} });
  return status === 0 ? nobody : "other users may not read this checkout";
}
