/** What a piece of work costs the process it runs in, and how long it takes. */
export interface Cost {
  /** Processor time, all threads. */
  readonly cpuUs: number;
  readonly clockUs: number;
}

/** Of one of so many calls. */
export async function costOf(calls: number, work: () => unknown): Promise<Cost> {
  const [processor, clock] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(processor);
  return { cpuUs: (user + system) / calls, clockUs: ((performance.now() - clock) * 1000) / calls };
}

/** Between two calls that a tracer can see. */
export async function marked(work: () => unknown): Promise<void> {
  process.umask(0o22);
  await work();
  process.umask(0o22);
}
