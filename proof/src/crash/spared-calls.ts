/** Why a call of core is not killed, nor failed. */
export type Spared =
  | { readonly why: string }
  /** The name of an operation that makes the same file calls. */
  | { readonly as: string; readonly why: string };

const because =
  (why: string) =>
  (...calls: readonly string[]): readonly (readonly [string, Spared])[] =>
    calls.map((call) => [call, { why }]);

const like = (as: string, why: string, ...calls: readonly string[]): readonly (readonly [string, Spared])[] =>
  calls.map((call) => [call, { as, why }]);

const reads = because("it changes nothing on the disk");
const opens = because("it only makes a handle: nothing is read or made before that is used");
const computes = because("it touches no file");
const tells = because("it concerns this process alone: what it holds open, waits for or counts");

const shorter = "the same call, in one function";
const alone = "the same call, of one record";
const blocking = "the same steps, made by the same engine without a promise";
const within = "the same lock, around the work";

/**
 * Calls of core, and of `@flockwork/core/fs`, that no operation is named for. Methods are called as operations call them.
 * `core-calls.test.ts` holds it to what is exported.
 */
export const sparedCalls: ReadonlyMap<string, Spared> = new Map([
  // Locks
  ...like("acquireLock exclusive, release", "it tries once", "tryAcquireLock"),
  ...like("acquireLockSync, releaseSync", "it tries once", "tryAcquireLockSync"),
  ...like("acquireLock exclusive, release", within, "withWriteLock"),
  ...like("acquireLock shared, release", "what that calls", "withReadLock"),
  ...like("acquireLockSync, releaseSync", within, "withReadLockSync", "withWriteLockSync"),
  ...reads("inspectLock", "listLocks", "resolveTarget", "networkFileSystemOf", "StoreLock.inspect"),
  ...reads("FileLock.assertHeld", "Lease.assertHeld"),
  ...tells("configureLocks", "closeIdleLocks", "closeAppendFiles", "bindingInUse"),
  ...tells("getLockMetrics", "lockMetrics", "resetLockMetrics", "metrics", "onLockContention", "onLongHold"),
  ...reads("identifyProcess", "judgeProcess"),
  ...computes("isProcessIdentity"),
  // Files and documents
  ...reads("listDirectory", "readText"),
  ...computes("editJson", "RecordLine"),
  ...like("JsonDocument.update", shorter, "updateJson"),
  ...like("updateJsonSync", "what that calls", "JsonDocument.updateSync"),
  ...opens("jsonDocument"),
  ...[
    "read",
    "readSync",
    "readWithRevision",
    "readWithRevisionSync",
    "readLocked",
    "readLockedWithRevision",
    "watch",
  ].flatMap((name) => reads(`JsonDocument.${name}`)),
  // Logs
  ...opens("jsonlLog", "jsonlLog.cursor", "LogCursor.startAt"),
  ...like("jsonlLog.append", shorter, "appendJsonl"),
  ...like("appendJsonlSync", "what that calls", "jsonlLog.appendSync"),
  ...like("appendJsonlSync", blocking, "jsonlLog.appendManySync"),
  ...["read", "readSync", "problems", "entries", "follow"].flatMap((name) => reads(`jsonlLog.${name}`)),
  ...reads("LogCursor.problems"),
  // Stores
  ...opens("fileStore", "store.document", "store.log", "store.lock", "StoreLog.cursor"),
  ...computes("memoryStore", "MemorySpace", "checkStoreName"),
  ...reads("store.list"),
  ...tells("store.close"),
  ...["read", "readWithRevision", "readLocked", "watch"].flatMap((name) => reads(`StoreDocument.${name}`)),
  ...like("StoreLog.appendMany", alone, "StoreLog.append"),
  ...["read", "problems", "entries", "follow"].flatMap((name) => reads(`StoreLog.${name}`)),
  ...like(
    "store.transact of three files, then all of them",
    "what that calls, and nobody else",
    "StoreDocument.participant",
    "StoreDocument.committed",
    "StoreLog.participant",
    "StoreLog.receiptOf",
  ),
  ...like(
    "StoreLogCursor.advance, and again in a StoreLog.transact",
    "what the draft's advance calls, and nobody else",
    "StoreLogCursor.advanceSync",
  ),
  // Leases
  ...opens("leases"),
  ...like(
    "leases.acquire, a fenced change, Lease.renew, Lease.release",
    "it tries once",
    "leases.tryAcquire",
  ),
  ...reads("leases.inspect", "leases.list"),
  ...because("it renews by what it is given, and touches no file itself")("renewing"),
  ...computes("noLeases", "grantLease", "renewLease", "releaseLease", "isLeaseRecord"),
  ...computes("checkLease", "leaseState", "msUntilFree", "instantOf"),
  ...computes("compareFencingTokens", "hasNextFencingToken", "highestFencingToken", "isFencingToken"),
  ...computes("nextFencingToken"),
  // `@flockwork/core/fs`
  ...reads("fs.readFile", "fs.readFileSync", "fs.readJson", "fs.readJsonSync"),
  ...like("fs.writeFile", "it writes the value's text", "fs.writeJson"),
  ...like("fs.writeFileSync", "it writes the value's text", "fs.writeJsonSync"),
  ...like("JsonDocument.update", "the same call, with the system's own errors", "fs.updateJson"),
  ...like("updateJsonSync", "the same call, with the system's own errors", "fs.updateJsonSync"),
]);
