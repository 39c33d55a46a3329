import { readFileSync } from "node:fs";
import { osCodeOf } from "../os-error.ts";
import { withRoom } from "./descriptor-room.ts";

/**
 * Whether something is mounted on exactly this path. False where the system does not tell (no /proc).
 *
 * @throws the system's own error when it would tell, and could not this time: out of descriptors, for one.
 */
export function isMountPoint(path: string): boolean {
  return mountPoints().has(path);
}

const systemIsSilent: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"]);

/** The fifth field of each line of proc(5)'s mountinfo; space, tab, newline and backslash are octal there. */
function mountPoints(): ReadonlySet<string> {
  let table: string;
  try {
    table = withRoom(() => readFileSync("/proc/self/mountinfo", "utf8"));
  } catch (error) {
    if (systemIsSilent.has(osCodeOf(error))) return new Set();
    throw error;
  }
  const unescape = (field: string): string =>
    field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return new Set(table.split("\n").map((line) => unescape(line.split(" ")[4] ?? "")));
}
