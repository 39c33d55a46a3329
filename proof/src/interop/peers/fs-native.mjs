// A neighbour in Node that locks with fs-native-extensions: OFD locks on Linux, which by design do not see flock(2). try LOCK.
import { openSync } from "node:fs";
import { tryLock } from "fs-native-extensions";

console.log(tryLock(openSync(process.argv[3], "r+")) ? "granted" : "busy");
