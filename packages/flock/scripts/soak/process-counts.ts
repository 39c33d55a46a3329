import { readdirSync } from "node:fs";

/** Threads of this process; 0 where the system does not tell. */
export function threadCount(): number {
  return entries("/proc/self/task");
}

/** Open descriptors of this process. */
export function descriptorCount(): number {
  return entries(process.platform === "linux" ? "/proc/self/fd" : "/dev/fd");
}

function entries(directory: string): number {
  try {
    return readdirSync(directory).length;
  } catch {
    return 0;
  }
}
