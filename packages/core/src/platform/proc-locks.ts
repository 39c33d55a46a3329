import { readFileSync } from "node:fs";

/** One flock in the kernel's table. */
export interface KernelLockEntry {
  readonly pid: number;
  readonly mode: "shared" | "exclusive";
  /** In the kernel's queue rather than granted. */
  readonly waiting: boolean;
}

/** `1: FLOCK  ADVISORY  WRITE 4711 fe:00:131073 0 EOF`, with `->` before FLOCK for a waiter. */
const line = /^\d+: (->\s+)?FLOCK\s+\S+\s+(READ|WRITE)\s+(-?\d+)\s+([0-9a-f]+):([0-9a-f]+):\d+\s/;

/** The flocks on one file, by device and inode. Empty where there is no /proc/locks. */
export function kernelLocksOn(dev: bigint, ino: bigint): readonly KernelLockEntry[] {
  let table: string;
  try {
    table = readFileSync("/proc/locks", "utf8");
  } catch {
    return [];
  }
  const inode = `:${ino} `;
  if (!table.includes(inode)) return [];
  const device = `${majorOf(dev).toString(16)}:${minorOf(dev).toString(16)}`;
  const entries: KernelLockEntry[] = [];
  for (const text of table.split("\n")) {
    const match = text.includes(inode) ? line.exec(text) : null;
    if (match === null) continue;
    const found = `${Number.parseInt(match[4] ?? "", 16).toString(16)}:${Number.parseInt(match[5] ?? "", 16).toString(16)}`;
    if (found !== device) continue;
    const pid = Number(match[3]);
    const mode = match[2] === "READ" ? "shared" : "exclusive";
    const waiting = match[1] !== undefined;
    // The table is read in pieces and may shift meanwhile, so an entry can show up twice.
    const known = entries.some(
      (entry) => entry.pid === pid && entry.mode === mode && entry.waiting === waiting,
    );
    if (!known) entries.push({ pid, mode, waiting });
  }
  return entries;
}

/** glibc's encoding of st_dev. */
function majorOf(dev: bigint): bigint {
  return ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
}

function minorOf(dev: bigint): bigint {
  return (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
}
