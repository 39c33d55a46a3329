/** Program: makes a disk below the directory it is told, says so, and waits. */
import { Disk, diskKinds, Keeper } from "../../src/power/disk.ts";

const [root = ""] = process.argv.slice(2);
const [kind] = diskKinds;
if (kind === undefined) throw new RangeError("there is no file system");
await Disk.make(kind, root, await Keeper.start());
console.log("made");
setInterval(() => undefined, 1 << 30);
