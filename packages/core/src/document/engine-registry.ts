import { type LockOptions, resolveLayout } from "../lock/lock-options.ts";
import type { LockLayout } from "../lock/lock-layout.ts";
import { locate } from "../lock/queues.ts";
import { DocumentEngine } from "./document-engine.ts";
import type { IntegerMode } from "./text/json-source.ts";

/**
 * One engine for each document and way of locking it, for as long as somebody has use for it: a handle, a call that is
 * going on, or the memory of the documents used last. What nobody refers to is collected.
 */
const engines = new WeakMap<LockLayout, Map<string, WeakRef<DocumentEngine>>>();
const forgotten = new FinalizationRegistry<() => void>((forget) => forget());

/** Engines kept alive between calls, the one used last at the end. */
const recent = new Set<DocumentEngine>();
let last: DocumentEngine | undefined;
const recentLimit = 64;
/** Larger documents stay in memory only while a handle refers to them. */
const largestRecentBytes = 4 * 1024 * 1024;

/** The engine that every call site of this process shares. `path` is resolved anew: links may have been pointed elsewhere. */
export function engineFor(path: string, options: LockOptions, integers: IntegerMode): DocumentEngine {
  const layout = resolveLayout(options.layout);
  const { backend = "flock", allowNetworkFileSystem = false, allowForeignOwner = false } = options;
  const location = locate(path, layout);
  const lockPath = location.plan.legs[0].path; // a layout may move it while the file stays
  const key = `${location.targetPath}\0${lockPath}\0${backend} ${allowNetworkFileSystem} ${allowForeignOwner} ${integers}`;
  let ofLayout = engines.get(layout);
  if (ofLayout === undefined) engines.set(layout, (ofLayout = new Map()));
  let engine = ofLayout.get(key)?.deref();
  if (engine === undefined) {
    const lockOptions = { layout, backend, allowNetworkFileSystem, allowForeignOwner };
    engine = new DocumentEngine(location, lockOptions, integers);
    const reference = new WeakRef(engine);
    ofLayout.set(key, reference);
    const known = ofLayout;
    forgotten.register(engine, () => {
      if (known.get(key) === reference) known.delete(key);
    });
  }
  keep(engine);
  return engine;
}

/** How many engines are kept alive between calls. For tests and metrics. */
export function recentEngineCount(): number {
  return recent.size;
}

function keep(engine: DocumentEngine): void {
  if (engine === last) return;
  if (last !== undefined && last.cache.size > largestRecentBytes) recent.delete(last);
  last = engine;
  recent.delete(engine);
  recent.add(engine);
  const [oldest] = recent;
  if (recent.size > recentLimit && oldest !== undefined) recent.delete(oldest);
}
