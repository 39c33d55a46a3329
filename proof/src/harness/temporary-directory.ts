/**
 * Temporary directories, which are swept even where their owner was killed: a directory's name says which process made it, and
 * the next process of the proof removes those whose maker is gone.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "flockwork-proof-";
/** A file system in memory, where there is one. */
const memory = "/dev/shm";

export interface TemporaryOptions {
  /** In memory where that can be had: nothing there outlives a loss of power. Default false. */
  readonly inMemory?: boolean | undefined;
}

/** Runs `work` in a fresh directory and removes it afterwards, whatever happens. */
export async function withTemporaryDirectory<T>(
  work: (directory: string) => Promise<T> | T,
  options: TemporaryOptions = {},
): Promise<T> {
  const directory = temporaryDirectory(options);
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A fresh directory, for the caller to remove. */
export function temporaryDirectory({ inMemory = false }: TemporaryOptions = {}): string {
  sweepOnce();
  const parent = inMemory && existsSync(memory) ? memory : realpathSync(tmpdir());
  return mkdtempSync(join(parent, `${prefix}${ownName}-`));
}

/** Of processes in other namespaces nothing can be told: they are told apart by the first part. */
const ownNamespace = within(() => /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]) ?? "0";
const ownName = `${ownNamespace}-${process.pid}-${startOf(process.pid) ?? "0"}`;
const named = new RegExp(`^${prefix}${ownNamespace}-(\\d+)-(\\d+)-\\w{6}$`);

let swept = false;

function sweepOnce(): void {
  if (swept) return;
  swept = true;
  for (const parent of [realpathSync(tmpdir()), memory])
    for (const name of within(() => readdirSync(parent)) ?? []) {
      const [, pid, start] = named.exec(name) ?? [];
      if (pid === undefined || isThere(Number(pid), start)) continue;
      within(() => rmSync(join(parent, name), { recursive: true, force: true })); // it may be another user's
    }
}

/** Whether the process that began then is still there, and not another one by its number. */
function isThere(pid: number, start: string | undefined): boolean {
  if (existsSync("/proc/self/stat")) return startOf(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** In clock ticks since the machine began. */
function startOf(pid: number): string | undefined {
  const stat = within(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Undefined where the system refuses. */
function within<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
