import { randomBytes } from "node:crypto";
import type { Store, StoreDocument } from "@flockwork/core";
import {
  NudgeQueueFullError,
  type ClaimedNudge,
  type NewNudge,
  type Nudge,
  type NudgeQueueOptions,
} from "./nudge.ts";
import { instantMs } from "./instant-ms.ts";
import { sessionLock } from "./session-lock.ts";
import { checkDirectory } from "./queue-options.ts";

/** What a claimed nudge's file says more, while it is claimed. */
type ClaimFile = Nudge & { readonly claimed_at?: string | undefined };

const lifetimeMs = { normal: 30 * 60_000, urgent: 2 * 60 * 60_000 } as const;
const abandonedAfterMs = 5 * 60_000;
/** A malformed file is being written for so long. */
const writingMs = 1_000;
const pendingName = /^(\d+)-[0-9a-f]{8}\.json$/;
const claimedName = /^(\d+-[0-9a-f]{8}\.json)\.claimed\.[0-9a-f]{8}$/;

/**
 * Gas Town's nudges of one session: a file each, `<unix nanoseconds>-<8 hex>.json`. A nudge is claimed by making the file
 * another's: of all who try, one succeeds. The cap is enforced under the session's lock.
 */
export class NudgeQueue {
  readonly #store: Store;
  readonly #session: string;
  readonly #directory: string;
  readonly #most: number;
  readonly #now: () => number;
  #lastNs = 0n;

  constructor(store: Store, session: string, options: NudgeQueueOptions = {}) {
    if (typeof session !== "string" || session === "")
      throw new TypeError("session must be a non-empty string");
    const { directory = ".runtime/nudge_queue", most = 50, now = Date.now } = options;
    if (!Number.isSafeInteger(most) || most < 1)
      throw new RangeError(`most must be a whole number of at least 1, got ${String(most)}`);
    this.#store = store;
    this.#session = session;
    this.#directory = `${checkDirectory(directory)}/${session.replaceAll("/", "_")}`;
    this.#most = most;
    this.#now = now;
  }

  /** Sends a nudge. @throws {NudgeQueueFullError} nothing was sent. */
  async send(nudge: NewNudge): Promise<void> {
    const { priority = "normal", deliverAfter, ...rest } = nudge;
    if (typeof rest.message !== "string") throw new TypeError("message must be a string");
    if (!Object.hasOwn(lifetimeMs, priority)) throw new TypeError('priority must be "normal" or "urgent"');
    const nowMs = this.#now();
    const name = `${this.#nextNs(nowMs)}-${randomBytes(4).toString("hex")}.json`;
    const whole: Nudge = {
      ...rest,
      priority,
      timestamp: new Date(nowMs).toISOString(),
      expires_at: new Date(nowMs + lifetimeMs[priority]).toISOString(),
      ...(deliverAfter !== undefined && { deliver_after: deliverAfter.toISOString() }),
    };
    await this.#store.transact({ file: this.#file(name) }, async ({ file }) => {
      if ((await this.#waiting(this.#most)) >= this.#most)
        throw new NudgeQueueFullError(this.#session, this.#most);
      file.replace(whole);
    });
  }

  /**
   * Claims the nudges that are to be delivered now, in order; what has expired is removed. A file that cannot be read keeps nobody
   * from the others.
   *
   * @throws {ReadFailedError | UnsafePathError | TooLargeError} nothing could be claimed, and that file could not be read: it may be
   * a nudge. It is still there.
   */
  async claim(limit: number = Infinity): Promise<readonly ClaimedNudge[]> {
    const claimed: ClaimedNudge[] = [];
    const unread: unknown[] = [];
    await this.#recover(unread);
    for (const name of await this.#names()) {
      if (claimed.length >= limit) break;
      const nudge = pendingName.test(name) ? await this.#readBeside(name, unread) : undefined;
      if (nudge === undefined) continue;
      const nowMs = this.#now();
      if (Date.parse(nudge.expires_at) <= nowMs) await this.#file(name).remove();
      else if (!(instantMs(nudge.deliver_after) > nowMs)) {
        const taken = await this.#take(name, nudge);
        if (taken !== undefined) claimed.push(taken);
      }
    }
    if (claimed.length === 0 && unread.length > 0) throw unread[0];
    return claimed;
  }

  /** How many wait, whether or not it is time for them. Expired and malformed ones do not. */
  async pending(): Promise<number> {
    return await this.#waiting(0);
  }

  /** So many files of nudges, or, when they are at least so many, how many of them are nudges that have not expired. */
  async #waiting(atLeast: number): Promise<number> {
    const names = (await this.#names()).filter((name) => pendingName.test(name));
    if (names.length < atLeast) return names.length;
    const nowMs = this.#now();
    const waits = await Promise.all(
      names.map(async (name) => {
        const nudge = await this.#read(name);
        // Gas Town writes in place: what is no nudge yet may become one. What stays malformed must not fill the queue for ever.
        return nudge === undefined
          ? nowMs - sentMs(name) < writingMs
          : !(Date.parse(nudge.expires_at) <= nowMs);
      }),
    );
    return waits.filter(Boolean).length;
  }

  /** A copy under the claimed name first, then the removal that only one of us can do: a crash in between loses nothing. */
  async #take(name: string, nudge: Nudge): Promise<ClaimedNudge | undefined> {
    const claim = this.#file(`${name}.claimed.${randomBytes(4).toString("hex")}`);
    const claimed_at = new Date(this.#now()).toISOString();
    if (!(await wasCopied(claim.write({ ...nudge, claimed_at })))) return undefined;
    if (!(await this.#file(name).remove())) {
      await claim.remove();
      return undefined;
    }
    return {
      nudge,
      done: async () => void (await claim.remove()),
      putBack: async () => {
        await this.#file(name).write(nudge);
        await claim.remove();
      },
    };
  }

  /** Claims whose claimer has not been heard of for long are put back. */
  async #recover(unread: unknown[]): Promise<void> {
    for (const name of await this.#names()) {
      const original = claimedName.exec(name)?.[1];
      if (original === undefined) continue;
      const claimed = await this.#readBeside(name, unread);
      if (claimed === undefined) continue; // malformed: somebody may mend it, or be writing it
      if (this.#now() - this.#claimedMs(name, claimed) < abandonedAfterMs) continue;
      const { claimed_at: _, ...nudge } = claimed;
      if (await wasCopied(this.#file(original).write(nudge))) await this.#file(name).remove();
    }
  }

  /** Ours say since when they are claimed. The age of others is told by a look at them earlier. */
  #claimedMs(name: string, claimed: ClaimFile): number {
    const saidMs = instantMs(claimed.claimed_at);
    if (!Number.isNaN(saidMs)) return saidMs;
    const ofStore = seen.get(this.#store) ?? new Map<string, number>();
    seen.set(this.#store, ofStore);
    const path = `${this.#directory}/${name}`;
    const seenMs = ofStore.get(path) ?? this.#now();
    ofStore.set(path, seenMs);
    return seenMs;
  }

  /** What is not a nudge is left where it is: somebody may be writing it. */
  async #read(name: string): Promise<ClaimFile | undefined> {
    try {
      const nudge = (await this.#file(name).read()) as Partial<ClaimFile> | undefined;
      return typeof nudge?.message === "string" && typeof nudge.expires_at === "string"
        ? (nudge as ClaimFile)
        : undefined;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (malformed.has(code)) return undefined;
      throw error;
    }
  }

  /** The same; why one could not be read is kept, since others may be. */
  async #readBeside(name: string, unread: unknown[]): Promise<ClaimFile | undefined> {
    try {
      return await this.#read(name);
    } catch (error) {
      unread.push(error);
      return undefined;
    }
  }

  #file(name: string): StoreDocument<ClaimFile> {
    return this.#store.document<ClaimFile>({
      name: `${this.#directory}/${name}`,
      layout: sessionLock,
      merge: "overwrite",
      defaults: () => ({}) as ClaimFile,
    });
  }

  async #names(): Promise<readonly string[]> {
    const prefix = `${this.#directory}/`;
    return (await this.#store.list(this.#directory)).map((name) => name.slice(prefix.length));
  }

  #nextNs(nowMs: number): bigint {
    const ns = BigInt(nowMs) * 1_000_000n;
    this.#lastNs = ns > this.#lastNs ? ns : this.#lastNs + 1n;
    return this.#lastNs;
  }
}

/** What reading a file says that is no nudge. */
const malformed = new Set<unknown>(["ERR_DOCUMENT_CORRUPT", "ERR_DOCUMENT_INVALID"]);

/** Where somebody's field cannot be copied exactly, the nudge stays where it is, and keeps nobody from the others. */
async function wasCopied(written: Promise<unknown>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_DOCUMENT_INVALID") return false;
    throw error;
  }
}

/** When a nudge was sent: its name says so. */
function sentMs(name: string): number {
  return Number(BigInt(pendingName.exec(name)?.[1] ?? 0) / 1_000_000n);
}

/** When claims of others were first seen. */
const seen = new WeakMap<Store, Map<string, number>>();

/** Opens the nudges of one session. Nothing is read or created before it is used. */
export function openNudgeQueue(store: Store, session: string, options: NudgeQueueOptions = {}): NudgeQueue {
  return new NudgeQueue(store, session, options);
}
