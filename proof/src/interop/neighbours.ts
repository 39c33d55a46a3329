import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { findCommand, runCommand } from "../harness/commands.ts";

/** A program in another language that locks with flock(2). */
export interface Neighbour {
  readonly name: string;
  /** Makes it ready, in `directory`. Its command, or why it cannot be had here. */
  prepare(directory: string): readonly string[] | string;
}

/** The path of a peer's source. */
export function peerSource(name: string): string {
  return fileURLToPath(new URL(`peers/${name}`, import.meta.url));
}

function interpreted(
  name: string,
  interpreter: string,
  file: string,
  needs: readonly string[] = [],
): Neighbour {
  return {
    name,
    prepare() {
      const missing = [interpreter, ...needs].find((command) => findCommand(command) === undefined);
      return missing === undefined ? [interpreter, peerSource(file)] : `${missing} is not installed`;
    },
  };
}

/** Compiles a peer. Undefined: `command` is now there. Otherwise why not. */
export function compile(
  compiler: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): string | undefined {
  if (findCommand(compiler) === undefined) return `${compiler} is not installed`;
  const failure = runCommand(compiler, args, env === undefined ? {} : { env });
  return failure === undefined ? undefined : `${compiler} cannot compile it: ${failure.split("\n")[0]}`;
}

export const neighbours: readonly Neighbour[] = [
  {
    name: "C flock(2)",
    prepare(directory) {
      const command = join(directory, "flock-c");
      return compile("gcc", ["-O2", "-o", command, peerSource("flock.c")]) ?? [command];
    },
  },
  interpreted("Python fcntl.flock", "python3", "flock.py"),
  interpreted("shell flock(1)", "sh", "flock.sh", ["flock"]),
  {
    name: "Go gofrs/flock",
    prepare(directory) {
      const command = join(directory, "flock-go");
      const env = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(directory, "go-cache") };
      return compile("go", ["build", "-o", command, peerSource("gofrs.go")], env) ?? [command];
    },
  },
  {
    name: "Rust File::lock",
    prepare(directory) {
      const command = join(directory, "flock-rust");
      const args = ["--edition=2021", "-O", "-o", command, peerSource("flock.rs")];
      return compile("rustc", args) ?? [command];
    },
  },
];
