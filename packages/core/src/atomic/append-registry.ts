import type { LockLayout } from "../lock/lock-layout.ts";
import { type LockOptions, resolveLockOptions } from "../lock/lock-options.ts";
import { locate } from "../lock/queues.ts";
import { offerRoom } from "../platform/descriptor-room.ts";
import { AppendEngine } from "./append-engine.ts";

/** One engine for each file and way of locking it, while it has work or an open descriptor. */
const engines = new Map<LockLayout, Map<string, AppendEngine>>();

/** The engine every call site of this process shares. */
export function appendEngineFor(path: string, options: LockOptions): AppendEngine {
  const { layout, backend, allowNetworkFileSystem, allowForeignOwner } = resolveLockOptions(options);
  const location = locate(path, layout);
  const key = `${location.targetPath}\0${backend} ${allowNetworkFileSystem} ${allowForeignOwner}`;
  let ofLayout = engines.get(layout);
  if (ofLayout === undefined) engines.set(layout, (ofLayout = new Map()));
  let engine = ofLayout.get(key);
  if (engine === undefined) {
    offerRoom(closeAppendFiles);
    const lockOptions = { layout, backend, allowNetworkFileSystem, allowForeignOwner };
    engine = new AppendEngine(location, lockOptions, () => forget(layout, key));
    ofLayout.set(key, engine);
  }
  return engine;
}

/**
 * Closes the descriptors kept open for appending, each as soon as its last sync is done. Appending again reopens them.
 * They close by themselves after two idle seconds and keep no process alive; call this to unmount or to count descriptors.
 */
export function closeAppendFiles(): void {
  for (const ofLayout of engines.values()) for (const engine of ofLayout.values()) engine.close();
}

/** How many files this process has engines for. For tests and metrics. */
export function appendEngineCount(): number {
  return [...engines.values()].reduce((sum, ofLayout) => sum + ofLayout.size, 0);
}

function forget(layout: LockLayout, key: string): void {
  const ofLayout = engines.get(layout);
  ofLayout?.delete(key);
  if (ofLayout?.size === 0) engines.delete(layout);
}
