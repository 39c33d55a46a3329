import { readFileSync } from "node:fs";

/** Mounts rarely change; a caller that names its files by links asks at every call. */
const believedMs = 1_000;

let points: ReadonlySet<string> = new Set();
let readAt = -Infinity;

/** Whether something is mounted on exactly this path. False where the system does not tell (no /proc). */
export function isMountPoint(path: string): boolean {
  const now = performance.now();
  if (now - readAt > believedMs) {
    points = mountPoints();
    readAt = now;
  }
  return points.has(path);
}

/** The fifth field of each line of proc(5)'s mountinfo; space, tab, newline and backslash are octal there. */
function mountPoints(): ReadonlySet<string> {
  let table: string;
  try {
    table = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return new Set();
  }
  const unescape = (field: string): string =>
    field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return new Set(table.split("\n").map((line) => unescape(line.split(" ")[4] ?? "")));
}
