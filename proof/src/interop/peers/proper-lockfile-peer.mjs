// A neighbour in Node: proper-lockfile, which makes a directory and touches it every five seconds. LOCK is the data file.
import properLockfile from "proper-lockfile";
import { runPeer } from "./node-peer.mjs";

const options = { realpath: false };

await runPeer({
  lock: (path) =>
    properLockfile.lock(path, { ...options, retries: { forever: true, minTimeout: 2, maxTimeout: 2 } }),
  attempt: (path) =>
    properLockfile.lock(path, options).catch((error) => {
      if (error.code !== "ELOCKED") throw error;
    }),
});
