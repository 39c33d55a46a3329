let cell: Int32Array | undefined;

/** Blocks this thread, without using its processor. */
export function sleepSync(ms: number): void {
  cell ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, ms);
}
