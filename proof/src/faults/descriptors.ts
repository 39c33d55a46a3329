/** What this process has open. */
import { existsSync, readdirSync, readlinkSync } from "node:fs";

/** macOS has the second, which does not say what they are. */
const listing = ["/proc/self/fd", "/dev/fd"].find((each) => existsSync(each));

/** @throws {Error} this system does not list them: a leak could not be seen. */
export function openDescriptors(): number {
  if (listing === undefined)
    throw new Error("no list of open descriptors, neither /proc/self/fd nor /dev/fd");
  return readdirSync(listing).length;
}

/** Why a descriptor cannot be told by its file here, or undefined. */
export function cannotNameDescriptors(): string | undefined {
  return existsSync("/proc/self/fd") ? undefined : "what is open cannot be told by its name (/proc/self/fd)";
}

/** What is open below a directory. */
export function openBelow(directory: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${directory}/`) ? [path] : [];
    } catch {
      return []; // the one that lists them
    }
  });
}
