import { callsUnderWay } from "./fault-plan.ts";

/** What an operation may wait altogether, whatever failed. */
const limitMs = 2_000;
const tickMs = 20;

/**
 * What the work comes to. What it waits for itself is counted: turns of the event loop in which no file call is under way, and
 * what it sleeps without giving the loop back. A busy machine takes such turns away from the work and from the count alike, and
 * a slow disk is no hang.
 * @throws {Error} it has waited for two seconds.
 */
export async function orHang<T>(work: () => T | Promise<T>): Promise<T> {
  let waitedMs = 0;
  const wait = (ms: number): void => {
    waitedMs += ms;
    if (waitedMs >= limitMs) throw new Error(`not settled after ${limitMs} ms of waiting`);
  };
  const putSleepBack = watchSleep(wait);
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        wait(callsUnderWay() === 0 ? tickMs : 0);
      } catch (error) {
        reject(error as Error);
      }
    }, tickMs);
  });
  try {
    const outcome = await Promise.race([work(), hang]);
    wait(0); // whoever slept too long may have kept that it was told so to itself
    return outcome;
  } finally {
    clearInterval(timer);
    putSleepBack();
  }
}

/** What blocks the thread is told how long it does, before. Returns the way back. */
function watchSleep(slept: (ms: number) => void): () => void {
  const real = Atomics.wait;
  const watching = (...args: Parameters<typeof real>): ReturnType<typeof real> => {
    slept(args[3] ?? Infinity);
    return real(...args);
  };
  Atomics.wait = watching as typeof real;
  return () => void (Atomics.wait = real);
}
