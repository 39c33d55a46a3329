import {
  metrics as meters,
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
} from "@opentelemetry/api";

/** What {@link measureQueue} takes. */
export interface MeasureOptions {
  /** Becomes `messaging.destination.name`: a configured name, out of a small set. */
  readonly name: string;
  /** Where the instruments are made. Default: `metrics.getMeter("@flockwork/otel")` of the global provider. */
  readonly meter?: Meter | undefined;
}

/** The boundaries that the conventions for messaging name, in seconds. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

type Call = (...args: unknown[]) => unknown;
type OperationType = "send" | "receive" | "process" | "settle";

/**
 * A queue of `@flockwork/queue` that counts and times what is done through it, by the names of OpenTelemetry's conventions
 * for messaging: `messaging.client.operation.duration`, `messaging.process.duration`, `messaging.client.sent.messages`
 * and `messaging.client.consumed.messages`. The queue itself stays as it is.
 *
 * @returns The same queue, to be used in its place: `enqueue`, `enqueueMany`, `claim` and what is done with claims, and the handlers of its workers.
 * @throws {TypeError} `name` is missing.
 */
export function measureQueue<Q extends object>(queue: Q, options: MeasureOptions): Q {
  const { name } = options;
  if (typeof name !== "string" || name === "") throw new TypeError("name must be a string, and not empty");
  const measures = new Measures(name, options.meter ?? meters.getMeter("@flockwork/otel"));
  return instead(queue, {
    enqueue:
      (call) =>
      async (...args) => {
        const enqueued = await measures.timed("enqueue", "send", 1, () => call(...args));
        measures.sent.add(1, measures.of("enqueue"));
        return enqueued;
      },
    enqueueMany:
      (call) =>
      async (jobs, ...args) => {
        const count = Array.isArray(jobs) ? jobs.length : 0;
        const enqueued = await measures.timed("enqueue", "send", count, () => call(jobs, ...args));
        measures.sent.add(count, measures.of("enqueue"));
        return enqueued;
      },
    claim:
      (call) =>
      async (...args) => {
        const claims = (await measures.timed("claim", "receive", undefined, () =>
          call(...args),
        )) as readonly object[];
        if (claims.length > 0) measures.consumed.add(claims.length, measures.of("claim"));
        return claims.map((claim) => measuredClaim(claim, measures));
      },
    worker:
      (call) =>
      (handler, ...args) =>
        call(
          async (...given: unknown[]) => {
            measures.consumed.add(1, measures.of("claim"));
            return await measures.processed(() => (handler as Call)(...given));
          },
          ...args,
        ),
  });
}

function measuredClaim(claim: object, measures: Measures): object {
  const startedAt = performance.now();
  const settled =
    (call: Call) =>
    async (...args: unknown[]) => {
      const result = await measures.timed("ack", "settle", 1, () => call(...args));
      measures.process.record((performance.now() - startedAt) / 1_000, measures.of("process", "process"));
      return result;
    };
  return instead(claim, {
    complete: settled,
    completeWith: settled,
    fail: settled,
    release: settled,
    extend:
      (call) =>
      async (...args) =>
        await measures.timed("extend", "settle", 1, () => call(...args)),
  });
}

class Measures {
  readonly sent: Counter;
  readonly consumed: Counter;
  readonly process: Histogram;
  readonly #operations: Histogram;
  readonly #name: string;

  constructor(name: string, meter: Meter) {
    const seconds = { unit: "s", advice: { explicitBucketBoundaries: boundaries } };
    this.#name = name;
    this.sent = meter.createCounter("messaging.client.sent.messages", { unit: "{message}" });
    this.consumed = meter.createCounter("messaging.client.consumed.messages", { unit: "{message}" });
    this.process = meter.createHistogram("messaging.process.duration", seconds);
    this.#operations = meter.createHistogram("messaging.client.operation.duration", seconds);
  }

  of(operation: string, type?: OperationType): Attributes {
    return {
      "messaging.system": "flockwork",
      "messaging.destination.name": this.#name,
      "messaging.operation.name": operation,
      ...(type === undefined ? {} : { "messaging.operation.type": type }),
    };
  }

  async timed(
    operation: string,
    type: OperationType,
    count: number | undefined,
    work: () => unknown,
  ): Promise<unknown> {
    const attributes = this.of(operation, type);
    if (count !== undefined && count > 1) attributes["messaging.batch.message_count"] = count;
    return await record(this.#operations, attributes, work);
  }

  async processed(work: () => unknown): Promise<unknown> {
    return await record(this.process, this.of("process", "process"), work);
  }
}

async function record(histogram: Histogram, attributes: Attributes, work: () => unknown): Promise<unknown> {
  const startedAt = performance.now();
  try {
    const result = await work();
    histogram.record((performance.now() - startedAt) / 1_000, attributes);
    return result;
  } catch (error) {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    const type = typeof code === "string" ? code : typeof name === "string" ? name : "_OTHER";
    histogram.record((performance.now() - startedAt) / 1_000, { ...attributes, "error.type": type });
    throw error;
  }
}

/** An object with some methods replaced; the others are its own, private members included. */
function instead<T extends object>(target: T, methods: Readonly<Record<string, (call: Call) => Call>>): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== "function") return value;
      const call = (value as Call).bind(object);
      const replaced = typeof key === "string" && Object.hasOwn(methods, key) ? methods[key] : undefined;
      return replaced === undefined ? call : replaced(call);
    },
  });
}
