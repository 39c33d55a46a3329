/**
 * Program: makes what must not outlive it, says where, and stays. Argument: `mount` or `fuse` for a file system as well, `child`
 * for a process whose parent holds a lock.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Mount } from "../../src/environments/mounts.ts";
import { MountNamespace } from "../../src/harness/mount-namespace.ts";
import { Program } from "../../src/harness/program.ts";
import { temporaryDirectory } from "../../src/harness/temporary-directory.ts";

export interface Held {
  readonly directories: readonly string[];
  /** Where it is mounted, and the same for those outside of its namespace. */
  readonly mounted?: readonly [string, string];
  /** The pid of a process that it had made. */
  readonly child?: number;
}

const directories = [temporaryDirectory(), temporaryDirectory({ inMemory: true })];
const [parent = ""] = directories;

const makers: Readonly<Record<string, () => Promise<Omit<Held, "directories">>>> = {
  mount: async () => {
    const { path, fromOutside } = await Mount.make(parent, "size=1m");
    return { mounted: [path, fromOutside] };
  },
  fuse: async () => {
    const [source, at] = [join(parent, "source"), join(parent, "at")];
    for (const path of [source, at]) mkdirSync(path);
    const namespace = await MountNamespace.make();
    await namespace.serve(["bindfs", "-f", source, at], at);
    return { mounted: [at, namespace.fromOutside(at)] };
  },
  child: async () => {
    const program = new URL("../../src/interop/relations/fork-inside.ts", import.meta.url);
    const inside = Program.node(program, [join(parent, "data"), "sidecar", "async"]);
    return { child: Number(await inside.line()) };
  },
};

const held: Held = { directories, ...(await makers[process.argv[2] ?? ""]?.()) };
console.log(JSON.stringify(held));
process.stdin.resume().on("end", () => process.exit());
