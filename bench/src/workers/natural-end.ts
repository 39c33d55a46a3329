/** Uses a lock, says so, and comes to its end. Arguments: data file, callers at once. */
import { withWriteLock } from "@flockwork/core";

const [path = "", callers] = process.argv.slice(2);
await Promise.all(Array.from({ length: Number(callers) }, () => withWriteLock(path, () => {})));
process.stdout.write("ready\n");
