/** Program: makes what must not outlive it, says where, and stays. Argument: `mount` for a file system as well. */
import { Mount } from "../../src/environments/mounts.ts";
import { temporaryDirectory } from "../../src/harness/temporary-directory.ts";

export interface Held {
  readonly directories: readonly string[];
  /** Where it is mounted, and the same for those outside of its namespace. */
  readonly mounted?: readonly [string, string];
}

const directories = [temporaryDirectory(), temporaryDirectory({ inMemory: true })];
const [parent = ""] = directories;
const mount = process.argv[2] === "mount" ? await Mount.make(parent, "size=1m") : undefined;
const held: Held = { directories, ...(mount && { mounted: [mount.path, mount.fromOutside] }) };
console.log(JSON.stringify(held));
process.stdin.resume().on("end", () => process.exit());
