/** Holds the lock of a file until it is killed or its input ends. Argument: data file. */
import { acquireLock } from "@flockwork/core";

const [path = ""] = process.argv.slice(2);
const lock = await acquireLock(path, "exclusive");
process.stdout.write("ready\n");
process.stdin.resume().on("end", () => void lock.release());
