/** strace, attached to a running process: it lists the process's system calls, and can kill it or fail a call at one of them. */
import { readFileSync } from "node:fs";
import { findCommand } from "../harness/commands.ts";
import { Program } from "../harness/program.ts";
import { beginMark, endMark } from "./marks.ts";

/** Calls that touch files. Those with `?` do not exist on every processor. Waits (futex, epoll) and memory change no file. */
const traced =
  "?open,openat,close,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,copy_file_range," +
  "?rename,renameat,renameat2,?unlink,unlinkat,?link,linkat,?symlink,symlinkat,?mkdir,mkdirat,?rmdir,getdents64," +
  "?stat,?lstat,fstat,?newfstatat,?statx,statfs,?readlink,readlinkat," +
  "?chmod,fchmod,fchmodat,fchown,utimensat,flock";

/** One system call, found again by its name and by how often its thread made it since strace came. */
export interface SystemCall {
  readonly name: string;
  readonly nth: number;
  readonly text: string;
}

export class Strace {
  readonly #program: Program;
  readonly #log: string;

  /** Undefined where strace is missing, or may not attach. */
  static async attach(pid: number, log: string, inject?: string): Promise<Strace | string> {
    const command = findCommand("strace");
    if (command === undefined) return "strace is not installed (apt-get install strace)";
    const flags = ["-f", "-p", `${pid}`, "-o", log, "-s", "48", "-e", `trace=${traced}`];
    // strace reports on standard error; the shell turns that into lines we can wait for.
    const all = [...flags, ...(inject === undefined ? [] : ["-e", `inject=${inject}`])];
    const program = new Program("/bin/sh", ["-c", 'exec "$@" 2>&1', "sh", command, ...all]);
    try {
      const line = await program.line();
      return line.includes("attached") ? new Strace(program, log) : `strace could not attach: ${line}`;
    } catch (error) {
      return `strace could not attach: ${(error as Error).message}`;
    }
  }

  private constructor(program: Program, log: string) {
    this.#program = program;
    this.#log = log;
  }

  /** Settles when the traced process is gone and its last call is in the log. */
  get finished(): Promise<unknown> {
    return this.#program.exited;
  }

  /** The calls of the marked operation, up to and with the acknowledgement, from all threads. */
  markedCalls(): SystemCall[] {
    const counts = new Map<string, number>();
    const calls: SystemCall[] = [];
    let inside = false;
    for (const line of readFileSync(this.#log, "utf8").split("\n")) {
      const match = /^(\d+)\s+(\w+)\(/.exec(line);
      const [, thread, name] = match ?? [];
      if (thread === undefined || name === undefined) continue;
      const nth = (counts.get(`${thread} ${name}`) ?? 0) + 1;
      counts.set(`${thread} ${name}`, nth);
      if (line.includes(beginMark)) inside = true;
      else if (inside && !line.includes(endMark) && !isLook(name, line))
        calls.push({ name, nth, text: line });
      if (inside && line.includes('write(1, "acknowledged')) break;
    }
    return calls;
  }
}

/** Looking at /proc, and being woken by another thread: as often as chance will have it, and nothing changes on disk. */
function isLook(name: string, line: string): boolean {
  return (
    name === "read" || line.includes('"/proc/') || /\bwrite\(\d+, "\\1\\0\\0\\0\\0\\0\\0\\0", 8\)/.test(line)
  );
}
