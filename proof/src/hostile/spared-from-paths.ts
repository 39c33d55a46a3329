const because =
  (why: string) =>
  (...calls: readonly string[]): readonly (readonly [string, string])[] =>
    calls.map((call) => [call, why]);

/** One that is tried has the same way to its files: it resolves, opens and locks them by the same functions. */
const like = (tried: string, ...calls: readonly string[]): readonly (readonly [string, string])[] =>
  because(`it comes to its files as ${tried} does`)(...calls);

const noPath = because("it is given no path, and comes to no file by one");
const opens = because("it only makes a handle: nothing is read or made before that is used");
const held = because("it has been let in already: its file was opened and checked by the call that made it");
const asNode = because(
  "it reads as `node:fs` reads, by that alone: it waits for the writer of a FIFO, and Node says what is no path",
);

/**
 * Calls of core, and of `@flockwork/core/fs`, that hostile paths are not put before, and why. `hostile-calls.test.ts` holds it to
 * what is exported.
 */
export const sparedFromPaths: ReadonlyMap<string, string> = new Map([
  // Locks
  ...like("acquireLock", "tryAcquireLock", "withWriteLock"),
  ...like("acquireLockSync", "tryAcquireLockSync", "withWriteLockSync", "withReadLockSync"),
  ...because("it is the beginning of acquireLock")("resolveTarget"),
  ...noPath("configureLocks", "closeIdleLocks", "closeAppendFiles", "bindingInUse"),
  ...noPath("getLockMetrics", "lockMetrics", "resetLockMetrics", "metrics", "onLockContention", "onLongHold"),
  ...noPath("identifyProcess", "judgeProcess", "isProcessIdentity"),
  ...held("FileLock.assertHeld", "FileLock.release", "FileLock.releaseSync"),
  // Documents
  ...opens("jsonDocument"),
  ...noPath("editJson"),
  ...like("JsonDocument.read", "JsonDocument.readWithRevision", "JsonDocument.watch"),
  ...like("JsonDocument.readSync", "JsonDocument.readWithRevisionSync"),
  ...like("JsonDocument.readLocked", "JsonDocument.readLockedWithRevision"),
  ...like("updateJson", "JsonDocument.update", "JsonDocument.write"),
  ...like("JsonDocument.updateSync", "updateJsonSync", "JsonDocument.writeSync"),
  // Logs
  ...opens("jsonlLog", "jsonlLog.cursor", "LogCursor.startAt"),
  ...noPath("RecordLine"),
  ...like("JsonlLog.read", "jsonlLog.readSync", "jsonlLog.problems", "jsonlLog.entries", "jsonlLog.follow"),
  ...like("JsonlLog.read", "LogCursor.advance", "LogCursor.advanceSync", "LogCursor.problems"),
  ...like("JsonlLog.append", "appendJsonl", "jsonlLog.appendMany"),
  ...like("JsonlLog.appendSync", "appendJsonlSync", "jsonlLog.appendManySync"),
  // Stores
  ...opens("fileStore", "store.document", "store.log", "StoreLog.cursor", "leases"),
  ...noPath("memoryStore", "MemorySpace", "checkStoreName", "store.close"),
  ...because("it reads no file: directories alone, below that of the store")("store.list"),
  ...like("store.document.read", "StoreDocument.readWithRevision", "StoreDocument.watch"),
  ...like("JsonDocument.readLocked", "StoreDocument.readLocked"),
  ...like("store.document.update", "StoreDocument.write"),
  ...like("JsonlLog.read", "StoreLog.read", "StoreLog.entries", "StoreLog.follow", "StoreLog.problems"),
  ...like("store.log.append", "StoreLog.appendMany"),
  ...like("JsonlLog.transact", "StoreLog.transact", "StoreLogCursor.advance"),
  ...like("JsonlLog.rewrite", "StoreLog.rewrite"),
  ...like("store.lock", "StoreLock.withRead", "StoreLock.withWrite", "StoreLock.acquire"),
  ...like("store.lock", "StoreLock.tryAcquire"),
  ...like("inspectLock", "StoreLock.inspect"),
  ...because("store.transact calls it, and nobody else")(
    "StoreDocument.participant",
    "StoreDocument.committed",
    "StoreLog.participant",
    "StoreLog.receiptOf",
    "StoreLogCursor.advanceSync",
  ),
  // Leases
  ...like("leases.acquire", "leases.tryAcquire"),
  ...like("store.document.read", "leases.inspect", "leases.list"),
  ...held("Lease.assertHeld", "Lease.renew", "Lease.release"),
  ...noPath("gastown", "renewing", "noLeases", "grantLease", "renewLease", "releaseLease", "isLeaseRecord"),
  ...noPath("checkLease", "leaseState", "msUntilFree", "instantOf"),
  ...noPath("compareFencingTokens", "hasNextFencingToken", "highestFencingToken", "isFencingToken"),
  ...noPath("nextFencingToken"),
  // `@flockwork/core/fs`
  ...asNode("fs.readFile", "fs.readFileSync", "fs.readJson", "fs.readJsonSync"),
]);
