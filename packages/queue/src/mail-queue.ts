import type { DocumentSpec, Store, StoreDocument } from "@flockwork/core";
import { instantMs } from "./instant-ms.ts";
import { checkDirectory } from "./queue-options.ts";

/** A message of Gas Town's daemon. Fields that are not listed here are kept. */
export interface MailMessage {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** An element of a mail queue's array. */
export interface QueuedMail {
  readonly message: MailMessage;
  readonly attempts: number;
  /** RFC 3339; Go's zero time for never. */
  readonly last_attempt: string;
  readonly queued_at: string;
  readonly error?: string | undefined;
}

export interface MailQueueOptions {
  /** Default `daemon/mail-queues`. */
  readonly directory?: string | undefined;
  /** Milliseconds between attempts. Default 300 000. */
  readonly retryDelayMs?: number | undefined;
  /** Failed attempts after which a message goes to the dead letters. Default 5. */
  readonly deadLetterThreshold?: number | undefined;
  /** Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

type Direction = "inbound" | "outbound";
type MailDocument = StoreDocument<QueuedMail[]>;

/** Checks what is used here, and accepts whatever else there is. */
const mailSchema: NonNullable<DocumentSpec<QueuedMail[]>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      if (!Array.isArray(value)) return { issues: [{ message: "it must be an array", path: [] }] };
      const at = value.findIndex((mail) => !isMail(mail));
      if (at === -1) return { value: value as QueuedMail[] };
      return { issues: [{ message: "it must hold a message with an id, and its attempts", path: [at] }] };
    },
  },
};

function isMail(value: unknown): boolean {
  const { message, attempts } = (value ?? {}) as { readonly message?: unknown; readonly attempts?: unknown };
  return (
    typeof attempts === "number" && typeof (message as { id?: unknown } | null | undefined)?.id === "string"
  );
}

const never = "0001-01-01T00:00:00Z";

/** The mail queues of Gas Town's daemon: `inbound.json`, `outbound.json` and `dead-letter.json`, each an array. */
export class MailQueues {
  readonly #store: Store;
  readonly #inbound: MailDocument;
  readonly #outbound: MailDocument;
  readonly #dead: MailDocument;
  readonly #retryDelayMs: number;
  readonly #threshold: number;
  readonly #now: () => number;

  constructor(store: Store, options: MailQueueOptions = {}) {
    const {
      directory = "daemon/mail-queues",
      retryDelayMs = 300_000,
      deadLetterThreshold = 5,
      now = Date.now,
    } = options;
    const open = (name: string): MailDocument =>
      store.document<QueuedMail[]>({
        name: `${checkDirectory(directory)}/${name}.json`,
        layout: "gastown",
        defaults: () => [],
        allowEmpty: true,
        schema: mailSchema,
      });
    this.#store = store;
    this.#inbound = open("inbound");
    this.#outbound = open("outbound");
    this.#dead = open("dead-letter");
    this.#retryDelayMs = retryDelayMs;
    this.#threshold = deadLetterThreshold;
    this.#now = now;
  }

  /** Adds a message at the end. One with the same id is not added again. */
  async enqueue(direction: Direction, message: MailMessage): Promise<void> {
    const queued_at = new Date(this.#now()).toISOString();
    await this.#of(direction).update((draft) => {
      if (draft.some((mail) => mail.message.id === message.id)) return;
      draft.push({ message, attempts: 0, last_attempt: never, queued_at });
    });
  }

  /**
   * Hands every message that is due to `deliver`, one after the other. What it delivers is removed; what it throws counts as a
   * failed attempt, and after so many the message goes to the dead letters in one commit. A crash may deliver one again.
   */
  async deliver(
    direction: Direction,
    deliver: (message: MailMessage) => unknown,
  ): Promise<{ readonly delivered: number; readonly failed: number }> {
    let delivered = 0;
    let failed = 0;
    for (const { message, attempts, last_attempt } of await this.list(direction)) {
      if (attempts > 0 && instantMs(last_attempt) + this.#retryDelayMs > this.#now()) continue;
      try {
        await deliver(message);
        delivered += 1;
      } catch (error) {
        failed += 1;
        await this.#failed(direction, message.id, error instanceof Error ? error.message : String(error));
        continue;
      }
      await this.#of(direction).update((draft) => {
        const at = draft.findIndex((mail) => mail.message.id === message.id);
        if (at !== -1) draft.splice(at, 1);
      });
    }
    return { delivered, failed };
  }

  async list(queue: Direction | "dead-letter"): Promise<readonly QueuedMail[]> {
    return (await (queue === "dead-letter" ? this.#dead : this.#of(queue)).read()) as readonly QueuedMail[];
  }

  async #failed(direction: Direction, id: string, error: string): Promise<void> {
    const last_attempt = new Date(this.#now()).toISOString();
    await this.#store.transact({ queue: this.#of(direction), dead: this.#dead }, ({ queue, dead }) => {
      const at = queue.value.findIndex((mail) => mail.message.id === id);
      const found = queue.value[at] as QueuedMail | undefined;
      if (found === undefined) return;
      const tried: QueuedMail = { ...found, attempts: found.attempts + 1, last_attempt, error };
      if (tried.attempts < this.#threshold) {
        queue.draft[at] = tried;
        return;
      }
      queue.draft.splice(at, 1);
      dead.draft.push(tried);
    });
  }

  #of(direction: Direction): MailDocument {
    if (direction !== "inbound" && direction !== "outbound")
      throw new TypeError('direction must be "inbound" or "outbound"');
    return direction === "inbound" ? this.#inbound : this.#outbound;
  }
}

/** Opens the mail queues of a town. Nothing is read or created before it is used. */
export function openMailQueues(store: Store, options: MailQueueOptions = {}): MailQueues {
  return new MailQueues(store, options);
}
