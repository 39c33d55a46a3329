import { callsUnderWay } from "./fault-plan.ts";

/** What an operation may wait altogether, whatever failed. */
const limitMs = 2_000;
const tickMs = 20;

/**
 * What the work comes to. What it waits for itself is counted, in turns of the event loop in which no file call is under way: a
 * busy machine takes such turns away from the work and from the count alike, and a slow disk is no hang.
 * A call that never gives the event loop back is not ended here.
 * @throws {Error} it has waited for two seconds.
 */
export async function orHang<T>(work: Promise<T>): Promise<T> {
  let waitedMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (callsUnderWay() === 0) waitedMs += tickMs;
      if (waitedMs >= limitMs) reject(new Error(`not settled after ${limitMs} ms of waiting`));
    }, tickMs);
  });
  try {
    return await Promise.race([work, hang]);
  } finally {
    clearInterval(timer);
  }
}
