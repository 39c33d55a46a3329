/** strace, attached to a running process: it lists the process's system calls, and can kill it or fail a call at one of them. */
import { readFileSync } from "node:fs";
import { findCommand } from "../harness/commands.ts";
import { Program } from "../harness/program.ts";
import { beginMark, endMark } from "./marks.ts";
import { Places } from "./places.ts";
import { threadId, type Thread } from "./threads.ts";

/** Calls that touch files. Those with `?` do not exist on every processor. Waits (futex, epoll) and memory change no file. */
const traced =
  "?open,openat,close,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,copy_file_range," +
  "?rename,renameat,renameat2,?unlink,unlinkat,?link,linkat,?symlink,symlinkat,?mkdir,mkdirat,?rmdir,getdents64," +
  "?stat,?lstat,fstat,?newfstatat,?statx,statfs,?readlink,readlinkat," +
  "?chmod,fchmod,fchmodat,fchown,utimensat,flock,fcntl";

/** One system call, found again by its thread, its name, and how often that thread made it since strace came. */
export interface SystemCall {
  readonly thread: Thread;
  readonly name: string;
  readonly nth: number;
  readonly text: string;
  /** What tells it from every other call of a run, and is the same in the next run. */
  readonly place: string;
}

export class Strace {
  readonly #program: Program;
  readonly #log: string;
  readonly #pid: number;
  readonly #only: Thread | undefined;
  /** The thread of the pool, where there was one when strace came. */
  readonly #pool: string | undefined;

  /**
   * A string says that strace is missing, or may not attach. It counts for each thread, and `inject` names no thread: what is
   * to happen at one call only needs `only`, the thread that makes it. The others are not looked at then.
   */
  static async attach(pid: number, log: string, inject?: string, only?: Thread): Promise<Strace | string> {
    const command = findCommand("strace");
    if (command === undefined) return "strace is not installed (apt-get install strace)";
    const whom = only === undefined ? ["-f", "-p", `${pid}`] : ["-p", `${threadId(pid, only)}`];
    const flags = [...whom, "-o", log, "-s", "48", "-e", `trace=${traced}`];
    // strace reports on standard error; the shell turns that into lines we can wait for.
    const all = [...flags, ...(inject === undefined ? [] : ["-e", `inject=${inject}`])];
    const program = new Program("/bin/sh", ["-c", 'exec "$@" 2>&1', "sh", command, ...all]);
    try {
      const line = await program.line();
      return line.includes("attached")
        ? new Strace(program, log, pid, only)
        : `strace could not attach: ${line}`;
    } catch (error) {
      return `strace could not attach: ${(error as Error).message}`;
    }
  }

  private constructor(program: Program, log: string, pid: number, only: Thread | undefined) {
    this.#program = program;
    this.#log = log;
    this.#pid = pid;
    this.#only = only;
    this.#pool = poolOf(pid);
  }

  /** Settles when the traced process is gone and its last call is in the log. */
  get finished(): Promise<unknown> {
    return this.#program.exited;
  }

  /** The calls of the marked operation, up to and with the acknowledgement, from all threads. */
  markedCalls(): SystemCall[] {
    const calls: SystemCall[] = [];
    let inside = false;
    for (const call of this.calls()) {
      // Whether somebody waits for a lock is looked for now and then: at the lock, then in /proc.
      const before = calls.at(-1);
      if (call.text.includes("/proc/locks") && before?.name === "statx" && before.text.includes(".lock"))
        calls.pop();
      if (call.text.includes(beginMark)) inside = true;
      else if (inside && !call.text.includes(endMark) && !isLook(call)) calls.push(call);
      if (inside && call.text.includes('write(1, "acknowledged')) break;
    }
    return calls;
  }

  /** What strace listed of the marked operation, up to the acknowledgement, which is left out. */
  markedLines(): string[] {
    const lines = readFileSync(this.#log, "utf8").split("\n");
    const begun = lines.findIndex((line) => line.includes(beginMark));
    const ended = lines.findIndex((line) => line.includes('write(1, "acknowledged'));
    return lines.slice(begun + 1, ended === -1 ? undefined : ended);
  }

  /** All calls since strace came. */
  calls(): SystemCall[] {
    const counts = new Map<string, number>();
    const next = (key: string): number => {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return counts.get(key) ?? 1;
    };
    const calls: SystemCall[] = [];
    const places = new Places();
    const lines = readFileSync(this.#log, "utf8").split("\n").map(partsOf);
    const main = `${this.#pid}`;
    const pool =
      this.#pool ?? lines.find(({ id, name, text }) => name !== "" && id !== main && !isWake(text))?.id;
    for (const { id, name, text } of lines) {
      if (name === "") continue;
      const thread = this.#only ?? (id === main ? "main" : "pool");
      // V8's own threads wake the main one now and then, and programs that it starts are none of its threads.
      if (thread === "pool" && this.#only === undefined && pool !== id) {
        if (this.#pool !== undefined || isWake(text)) continue;
        throw new Error(`threads ${pool} and ${id} both make calls: which is the pool's cannot be told`);
      }
      if (text.includes(" resumed>")) {
        places.resume(thread, text);
        continue;
      }
      const place = places.of(thread, name, text);
      calls.push({ thread, name, nth: next(`${thread} ${name}`), text, place: `${place} #${next(place)}` });
    }
    return calls;
  }
}

function poolOf(pid: number): string | undefined {
  try {
    return `${threadId(pid, "pool")}`;
  } catch {
    return undefined; // it has none yet
  }
}

/**
 * Looking at /proc, being woken by another thread, and what fcntl does to a descriptor rather than to a lock: as often as
 * chance will have it, and nothing changes on disk.
 */
function isLook({ name, text, place }: SystemCall): boolean {
  const locksNothing = name === "fcntl" && !/SETLK/.test(text);
  return name === "read" || locksNothing || place.includes("/proc/") || isWake(text);
}

/** One thread wakes another, or itself: a program that it started has ended (signal 17, beside an address). */
function isWake(text: string): boolean {
  return (
    /\bwrite\(\d+, "\\1\\0\\0\\0\\0\\0\\0\\0", 8\b/.test(text) ||
    /<\.\.\. write resumed>\) += 8$/.test(text) ||
    /\bwrite\(\d+, "[^"]*\\21\\0\\0\\0\\0\\0\\0\\0", 16\b/.test(text)
  );
}

/** What a line of strace's says: thread, call, and all of it. */
function partsOf(text: string): { readonly id: string; readonly name: string; readonly text: string } {
  const [, id = "", name = ""] = /^(?:(\d+)\s+)?(?:<\.\.\. )?(\w+)(?:\(| resumed)/.exec(text) ?? [];
  return { id, name, text };
}
