/**
 * Locks that consist in being there are removed when the process ends: by an exit hook, and on the signals that would end it
 * without one. What SIGKILL leaves is broken by the next one who wants the lock, on proof of death.
 */
const pending = new Set<() => void>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Marks the listeners of every copy of this package. */
const marker: unique symbol = Symbol.for("@flockwork/core.exitRemoval") as never;
let installed = false;

/** Runs `remove` when the process exits, unless the returned function is called first. */
export function removeAtExit(remove: () => void): () => void {
  if (!installed) install();
  pending.add(remove);
  return () => void pending.delete(remove);
}

function install(): void {
  installed = true;
  process.on("exit", removeAll);
  for (const signal of signals) {
    const listener = Object.assign(() => endBy(signal, listener), { [marker]: true });
    process.prependListener(signal, listener); // before a `once` listener of the program takes itself off the list
  }
}

function removeAll(): void {
  for (const remove of pending) {
    try {
      remove();
    } catch {
      // Dying: what stays is broken by the next one, on proof of death.
    }
  }
  pending.clear();
}

/** A program that listens itself decides when to end. Without it the signal ends the process, as it would without us. */
function endBy(signal: (typeof signals)[number], self: () => void): void {
  const others = process.rawListeners(signal).filter((listener) => !(marker in listener));
  if (others.length > signalExitListeners()) return;
  removeAll();
  process.removeListener(signal, self);
  if (others.length === 0) process.kill(process.pid, signal);
}

/** Listeners of the signal-exit package, which end the process themselves once nobody but them listens. */
function signalExitListeners(): number {
  const old = (process as { __signal_exit_emitter__?: { count?: unknown } }).__signal_exit_emitter__?.count;
  const current = (globalThis as Record<symbol, { count?: unknown } | undefined>)[
    Symbol.for("signal-exit emitter")
  ]?.count;
  return (typeof old === "number" ? old : 0) + (typeof current === "number" ? current : 0);
}
