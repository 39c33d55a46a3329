/** Locks that consist in being there are removed when the process ends. The hooks are installed at the first such lock. */
const pending = new Set<() => void>();
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
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => endBy(signal));
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

/** A program with a handler of its own decides when to end; without one the signal ends it, as it would without us. */
function endBy(signal: "SIGINT" | "SIGTERM" | "SIGHUP"): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
