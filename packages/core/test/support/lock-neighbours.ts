import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Whether somebody holds the flock of a file, as util-linux flock(1) sees it. */
export function isFlocked(path: string, mode: "shared" | "exclusive" = "exclusive"): boolean {
  const { status } = spawnSync("flock", [mode === "shared" ? "-s" : "-x", "-n", path, "true"]);
  return status === 1;
}

/** Whether somebody holds an fcntl lock on a file, as Python's `lockf` sees it. */
export function isFcntlLocked(path: string): boolean {
  const script = "import fcntl,sys\nfcntl.lockf(open(sys.argv[1],'r+'),fcntl.LOCK_EX|fcntl.LOCK_NB)";
  const { status, error, stderr } = spawnSync("python3", ["-c", script, path], { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0 && !stderr.includes("BlockingIOError")) throw new Error(stderr);
  return status !== 0;
}

const holdFcntl = `
import fcntl, sys
file = open(sys.argv[1], "a+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
`;

/** Unlocks, closes and then removes the lock file, as Gas Town's internal/filelock does. */
const unlockThenRemove = `
import fcntl, os, sys
lock, data, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
done = 0
while done < times:
    try:
        fd = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
    except PermissionError:
        raise SystemExit("cannot open the lock")
    fcntl.flock(fd, fcntl.LOCK_EX)
    os.mkdir(data + ".inside")
    value = int(open(data).read() or 0) if os.path.exists(data) else 0
    with open(data, "w") as file:
        file.write(str(value + 1))
    os.rmdir(data + ".inside")
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)
    try:
        os.unlink(lock)
    except OSError:
        pass
    done += 1
`;

/** Removes the lock file as often as it can, but only while it holds it and the path still names it. */
const removeWhileHolding = `
import fcntl, os, sys
lock = sys.argv[1]
print("ready", flush=True)
removed = 0
while not os.path.exists(lock + ".stop"):
    try:
        fd = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        continue
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        named = os.stat(lock)
        held = os.fstat(fd)
        if (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino):
            os.unlink(lock)
            removed += 1
    except FileNotFoundError:
        pass
    os.close(fd)
print(removed, flush=True)
`;

const scripts = { holdFcntl, unlockThenRemove, removeWhileHolding } as const;

/** A program of somebody else, in Python, that locks in its own way. */
export class Neighbour implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly exited: Promise<number | NodeJS.Signals | null>;
  output = "";
  errors = "";

  /** Starts it and waits for its first line. */
  static async start(
    name: keyof typeof scripts,
    values: readonly string[],
    uid?: number,
  ): Promise<Neighbour> {
    const child = spawn("python3", ["-c", scripts[name], ...values], {
      stdio: ["pipe", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const neighbour = new Neighbour(child);
    await Promise.race([once(child.stdout, "data"), neighbour.exited]);
    return neighbour;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
    this.exited = once(child, "close").then(
      ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? null,
    );
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Lets one that waits for its input come to its end. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }
}

/** The pid of a process that has ended and was waited for. */
export function deadPid(): number {
  return spawnSync("true").pid;
}
