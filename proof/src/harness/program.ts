import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { temporaryDirectory } from "./temporary-directory.ts";

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Gets every line of standard output at once, instead of `line()`. */
  readonly onLine?: (line: string) => void;
  readonly cwd?: string;
  /** More flags for Node. */
  readonly nodeFlags?: readonly string[];
  /** User and group it runs as; only root may choose. */
  readonly uid?: number;
  /** A command that runs the one it is given, with words of its own before. */
  readonly through?: readonly string[];
  /** How many descriptors it may have open. */
  readonly maxDescriptors?: number;
}

let compileCache = process.env["NODE_COMPILE_CACHE"];

/** Node remembers stripped and compiled sources here, so that hundreds of children start quickly. Programs of programs share it. */
function sharedCompileCache(): string {
  if (compileCache !== undefined) return compileCache;
  const made = temporaryDirectory();
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return (compileCache = made);
}

const running = new Set<Program>();
process.once("exit", () => {
  for (const program of running) program.kill();
});

/** A child process that is told lines and answers in lines. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #wanted: PromiseWithResolvers<string>[] = [];
  #ended = false;
  #errors = "";
  /** Settles once the process is gone and its output has been read. */
  readonly exited: Promise<Ending>;

  /** Runs a TypeScript file of this package with Node, from source. */
  static node(file: URL, args: readonly string[] = [], options: ProgramOptions = {}): Program {
    const flags = [
      "--conditions=@flockwork/source",
      "--disable-warning=ExperimentalWarning",
      ...(options.nodeFlags ?? []),
    ];
    return new Program(process.execPath, [...flags, file.pathname, ...args], options);
  }

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    const env = {
      ...process.env,
      NODE_OPTIONS: "",
      NODE_COMPILE_CACHE: sharedCompileCache(),
      UV_USE_IO_URING: "0",
      ...options.env,
    };
    const { uid, maxDescriptors } = options;
    const limited =
      maxDescriptors === undefined ? [] : ["sh", "-c", `ulimit -n ${maxDescriptors}; exec "$@"`, "sh"];
    const [first = command, ...words] = [...limited, ...(options.through ?? []), command, ...args];
    this.#child = spawn(first, words, {
      env,
      cwd: options.cwd,
      stdio: ["pipe", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    running.add(this);
    this.#child.stdin?.on("error", () => undefined); // a killed child reads no more
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    const take = options.onLine ?? ((line: string) => this.#take(line));
    if (this.#child.stdout !== null) createInterface({ input: this.#child.stdout }).on("line", take);
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        running.delete(this);
        this.#ended = true;
        const ending = { code, signal, errors: this.#errors };
        for (const { reject: refuse } of this.#wanted.splice(0)) refuse(endedEarly(command, ending));
        resolve(ending);
      });
    });
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Settles when the process itself is gone, before its output has been read. */
  get dead(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => this.#child.once("exit", () => resolve()));
  }

  /** The next line of standard output. Rejects when the program ends without one. */
  line(): Promise<string> {
    const known = this.#lines.shift();
    if (known !== undefined) return Promise.resolve(known);
    if (this.#ended) return this.exited.then((ending) => Promise.reject(endedEarly("the program", ending)));
    const wanted = Promise.withResolvers<string>();
    this.#wanted.push(wanted);
    return wanted.promise;
  }

  /** The next line must be this one. */
  async expect(expected: string): Promise<void> {
    const line = await this.line();
    if (line !== expected) throw new Error(`expected "${expected}" from the program, got "${line}"`);
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#child.kill(signal);
  }

  /** Waits for the end and throws unless it was a good one. */
  async finish(): Promise<void> {
    const ending = await this.exited;
    if (ending.code !== 0) throw endedEarly("the program", ending);
  }

  /** Waits for all to end well. The first that does not takes the others with it. */
  static async finishAll(programs: readonly Program[]): Promise<void> {
    try {
      await Promise.all(programs.map((program) => program.finish()));
    } finally {
      for (const program of programs) program.kill();
    }
  }

  #take(line: string): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#lines.push(line);
    else wanted.resolve(line);
  }
}

function endedEarly(command: string, { code, signal, errors }: Ending): Error {
  return new Error(`${command} ended with ${code ?? signal}: ${errors.trim() || "no message"}`);
}
