import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Whether flock(1) gets the lock at once. */
export function flockCommandGets(path: string, mode: "-x" | "-s" = "-x"): boolean {
  return spawnSync("flock", ["-n", mode, path, "true"]).status === 0;
}

/** Whether flock(1) gets the exclusive lock before long: for what a killed child process still has to let go. */
export function becomesFree(path: string): boolean {
  return spawnSync("flock", ["-w", "20", "-x", path, "true"]).status === 0;
}

/** Whether Python's fcntl.lockf (a classic POSIX lock) gets the exclusive lock at once. */
export function pythonLockfGets(path: string): boolean {
  const program = "import fcntl,sys; fcntl.lockf(open(sys.argv[1],'r+'), fcntl.LOCK_EX|fcntl.LOCK_NB)";
  return spawnSync("python3", ["-c", program, path]).status === 0;
}

/** A Python process that holds the lock by fcntl.flock until it is released. */
export class PythonHolder {
  readonly #child: ChildProcess;

  static async hold(path: string, mode: "LOCK_EX" | "LOCK_SH"): Promise<PythonHolder> {
    const program = `import fcntl,sys
f=open(sys.argv[1],'a')
fcntl.flock(f, fcntl.${mode})
print('held', flush=True)
sys.stdin.read()`;
    const child = spawn("python3", ["-c", program, path], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    return new PythonHolder(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  async release(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.stdin?.end();
    await exited;
  }
}
