/**
 * Work that is the same for synchronous and asynchronous callers: it yields what may be a promise and is given the result.
 * One body of code decides; only the driver differs in how it waits.
 */
export type Steps<T> = Generator<unknown, T, unknown>;

/** One step: the value, or what its promise resolves to. */
export function* settled<T>(value: T | PromiseLike<T>): Steps<T> {
  return (isThenable(value) ? yield value : value) as T;
}

/** Runs the steps, waiting for every promise. */
export async function runAsync<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    let outcome: unknown;
    try {
      outcome = await step.value;
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(outcome);
  }
  return step.value;
}

/** Runs the steps at once. @throws {TypeError} at the step that yields a promise; it is told so and may clean up. */
export function runSync<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) {
    if (isThenable(step.value)) {
      step.value.then(undefined, ignore);
      step = steps.throw(
        new TypeError("A synchronous call was given asynchronous work: use the asynchronous call"),
      );
    } else step = steps.next(step.value);
  }
  return step.value;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function ignore(): void {}
