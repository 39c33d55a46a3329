import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { gastown, sidecar, systemClock, type Clock, type Durability, type LockLayout } from "@flockwork/core";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { longestMs, type PayloadSchema } from "./job-line.ts";

/** How many ended jobs are kept, to be looked at and to be told from new ones. */
export interface Retention {
  /** Completed, cancelled and replaced jobs kept, the latest ones. Default 1 000. */
  readonly completed?: number | undefined;
  /** Dead letters kept, the latest ones. Default `Infinity`. */
  readonly dead?: number | undefined;
}

/** How a queue is opened. Every process should open it alike. */
export interface QueueOptions<Payload> {
  /** `native` (default): two files, with leases and history. For `plain` see {@link PlainQueue}. */
  readonly format?: "native" | undefined;
  /** Where `tasks.jsonl` and `events.jsonl` lie in the store. Default `.gastown/queues`. */
  readonly directory?: string | undefined;
  /** Checks payloads, when they are enqueued and before a worker runs them. Any Standard Schema; it never changes them. */
  readonly schema?: PayloadSchema<Payload> | undefined;
  /** `disk` (default): a call resolves once what it did survives a power loss. `os`: once it survives the process. */
  readonly durability?: Durability | undefined;
  /** Where neighbours look for the lock of `tasks.jsonl`. Default `gastown`. */
  readonly layout?: "gastown" | "sidecar" | LockLayout | undefined;
  /** Milliseconds a claim lasts unless it is extended. Default 30 000. */
  readonly leaseMs?: number | undefined;
  /** What jobs get where `enqueue` does not say. */
  readonly defaults?: Pick<EnqueueOptions, "maxAttempts" | "backoff" | "timeoutMs" | "priority"> | undefined;
  readonly retention?: Retention | undefined;
  /** Who claims. Default: host, pid and a random part. No two programs that run may share one; one that is started again may keep it. */
  readonly holder?: string | undefined;
  /** Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
  /** From 0 to less than 1, for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The options of a queue, checked and complete. */
export interface QueueSettings<Payload> {
  readonly directory: string;
  readonly schema: PayloadSchema<Payload> | undefined;
  readonly durability: Durability;
  readonly layout: LockLayout;
  readonly leaseMs: number;
  readonly defaults: EnqueueOptions;
  readonly retention: Required<{ [K in keyof Retention]: number }>;
  readonly holder: string;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function checkQueueOptions<Payload>(options: QueueOptions<Payload>): QueueSettings<Payload> {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const { schema, holder, retention = {}, durability = "disk" } = options;
  if (schema !== undefined && typeof schema["~standard"]?.validate !== "function")
    throw new TypeError("schema must be a Standard Schema (zod, valibot, arktype, …)");
  if (holder !== undefined && (typeof holder !== "string" || holder === ""))
    throw new TypeError("holder must be a non-empty string");
  if (durability !== "disk" && durability !== "os") throw new TypeError('durability must be "disk" or "os"');
  return {
    directory: checkDirectory(options.directory ?? ".gastown/queues"),
    schema,
    durability,
    layout: queueLayout(options.layout ?? "gastown"),
    leaseMs: checkMs("leaseMs", options.leaseMs ?? 30_000),
    defaults: options.defaults ?? {},
    retention: {
      completed: checkCount("retention.completed", retention.completed ?? 1_000),
      dead: checkCount("retention.dead", retention.dead ?? Infinity),
    },
    holder: holder ?? `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

/** What it may say is the store's to check. @throws {TypeError} it is no string, though it may be written like one. */
export function checkDirectory(directory: unknown): string {
  if (typeof directory === "string") return directory;
  throw new TypeError(`directory must be a string, got ${typeof directory}`);
}

/** @throws {RangeError} it is no duration of more than 0. */
export function checkMs(name: string, value: number): number {
  if (typeof value === "number" && value > 0 && value <= longestMs) return value;
  throw new RangeError(
    `${name} must be more than 0 milliseconds, and at most ${longestMs}, got ${String(value)}`,
  );
}

/** @throws {RangeError} it is no duration. */
export function checkDelay(name: string, value: number): number {
  if (typeof value === "number" && value >= 0 && value <= longestMs) return value;
  throw new RangeError(`${name} must be from 0 to ${longestMs} milliseconds, got ${String(value)}`);
}

/** A text would be taken for its letters. @throws {TypeError} it is no list of texts. */
export function checkCapabilities(capabilities: Iterable<string>): ReadonlySet<string> {
  const isList = typeof capabilities === "object" && capabilities !== null && Symbol.iterator in capabilities;
  const set = new Set<unknown>(isList ? capabilities : undefined);
  if (isList && [...set].every((each) => typeof each === "string")) return set as Set<string>;
  throw new TypeError(`capabilities must be a list of texts, got ${JSON.stringify(capabilities)}`);
}

function checkCount(name: string, value: number): number {
  if ((Number.isSafeInteger(value) && value >= 0) || value === Infinity) return value;
  throw new RangeError(`${name} must be a whole number from 0, or Infinity, got ${String(value)}`);
}

const gastownLayout = gastown();
/** One object per layout, so that all queues of a process share the appends of a file. */
const shared = new WeakMap<LockLayout, LockLayout>();

/** Both files are protected by the lock of `tasks.jsonl`: whoever holds it sees, and may change, the whole queue. */
function queueLayout(layout: NonNullable<QueueOptions<unknown>["layout"]>): LockLayout {
  const base = layout === "gastown" ? gastownLayout : layout === "sidecar" ? sidecar : layout;
  if (typeof base?.locate !== "function")
    throw new TypeError('layout must be "gastown", "sidecar" or a LockLayout');
  const known = shared.get(base);
  if (known !== undefined) return known;
  const made: LockLayout = {
    name: `queue ${base.name}`,
    ...(base.dynamic !== undefined && { dynamic: base.dynamic }),
    locate: (target) => base.locate(target.replace(/[^/]*$/, "tasks.jsonl")),
  };
  shared.set(base, made);
  return made;
}
