import { readFileSync } from "node:fs";

/** In Linux, whatever its ticks are inside: what it tells programs is in hundredths of a second. */
const ticksPerMinute = 6_000;

/**
 * What a process took of the processors, with those it started that have ended; undefined where the kernel does not tell, or the
 * process is gone.
 */
export function processorMinutes(pid: number | "self" = "self"): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, ofChildren, systemOfChildren] = fields.slice(11, 15).map(Number);
  return ((user ?? 0) + (system ?? 0) + (ofChildren ?? 0) + (systemOfChildren ?? 0)) / ticksPerMinute;
}
