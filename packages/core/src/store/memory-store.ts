import { fencingTokens } from "../lease/fence-register.ts";
import { resolveLayout } from "../lock/lock-options.ts";
import { checkDurability, checkFunction, checkOptions } from "../options.ts";
import { listedNames } from "./listed-names.ts";
import { refuseNested } from "./name-in-the-way.ts";
import { MemberNames } from "./member-names.ts";
import type { MemoryContext } from "./memory-context.ts";
import { MemoryDocument } from "./memory-document.ts";
import type { MemoryClock } from "./memory-lock.ts";
import { MemoryLockHandle } from "./memory-lock-handle.ts";
import { MemoryLog } from "./memory-log.ts";
import { MemorySpace } from "./memory-space.ts";
import { transactMemory, type MemoryMember } from "./memory-transact.ts";
import type { DocumentSpec } from "./store-document.ts";
import { StoreFences } from "./store-fence.ts";
import type { StoreLock, StoreLockSpec } from "./store-lock.ts";
import type { LogSpec } from "./store-log.ts";
import { checkMembers, type StoreMembers } from "./store-member.ts";
import { checkStoreName } from "./store-name.ts";
import type { Drafts, MemberReceipts, TransactOptions, TransactReceipt } from "./store-transact.ts";
import type { Store, StoreCapabilities } from "./store.ts";
import { StoreWork } from "./store-work.ts";

/** How a store in memory behaves. */
export interface MemoryStoreOptions {
  /** What it keeps its data in. Stores of one space share it, as processes share files. Default: a space of its own. */
  readonly shared?: MemorySpace | undefined;
  /** What ends waits whose time is up, in a space of its own: a space that is shared has its clock already. Default: real time. */
  readonly clock?: MemoryClock | undefined;
  /**
   * Numbers from 0 to below 1. Each call then lets others go first for 0 to 3 turns, by chance: one seed, one interleaving.
   * Default: no chance, no turns.
   */
  readonly random?: (() => number) | undefined;
}

const capabilities: StoreCapabilities = Object.freeze({
  lockKind: "session",
  sharedLocks: true,
  fairness: "priority",
  durability: ["disk", "os"],
  medium: "memory",
  transactScope: "store",
  leaseClock: "local",
  tokenScope: "lease",
  maxDocumentBytes: 536_870_888,
  watch: true,
  merge: true,
  layouts: false,
} as const);

/**
 * A store in memory, with the promises of every store and nothing else: for tests, and to compare other stores with. The
 * space is its disk: what is written with `disk` is there for as long as the space is. Layouts and permission bits mean
 * nothing here and are ignored.
 *
 * @example
 * const shared = new MemorySpace();
 * const [one, other] = [memoryStore({ shared }), memoryStore({ shared })];
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

class MemoryStore implements Store {
  readonly capabilities: StoreCapabilities = capabilities;
  readonly #context: MemoryContext;
  readonly #names = new MemberNames();

  constructor(options: MemoryStoreOptions) {
    checkOptions(options);
    const { clock, shared = new MemorySpace({ clock }), random } = options;
    if (clock !== undefined && options.shared !== undefined)
      throw new TypeError("a shared space has its clock already: give it to new MemorySpace({ clock })");
    if (!(shared instanceof MemorySpace)) throw new TypeError("shared must be a MemorySpace");
    if (random !== undefined) checkFunction("random", random);
    this.#context = {
      space: shared,
      work: new StoreWork(),
      // A change that began before the store was closed is finished, and its fence is checked for that.
      fences: new StoreFences(
        () => new MemoryDocument({ ...this.#context, work: new StoreWork() }, fencingTokens),
      ),
      pause: async () => {
        const turns = random === undefined ? 0 : Math.floor(random() * 4);
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      },
    };
  }

  document<T>(spec: DocumentSpec<T>): MemoryDocument<T> {
    this.#enter(spec, "document");
    return new MemoryDocument(this.#context, spec);
  }

  log<T>(spec: LogSpec<T>): MemoryLog<T> {
    this.#enter(spec, "log");
    return new MemoryLog(this.#context, spec);
  }

  lock(name: string, spec: StoreLockSpec = {}): StoreLock {
    this.#context.work.checkOpen("lock");
    checkOptions(spec);
    checkStoreName(name);
    this.#names.enter(name, undefined, resolveLayout(spec.layout ?? this.#names.layoutOf(name)));
    return new MemoryLockHandle(this.#context, name);
  }

  async transact<const M extends StoreMembers, R>(
    members: M,
    work: (drafts: Drafts<M>) => R | Promise<R>,
    options: TransactOptions = {},
  ): Promise<TransactReceipt<M, R>> {
    checkFunction("work", work);
    checkOptions(options);
    const keys = checkMembers(members);
    const own = keys.map((key) => this.#own(key, members[key]));
    refuseNested(own);
    const { fence, timeoutMs, signal, priority, durability } = options;
    if (durability !== undefined) checkDurability(durability);
    const rules = {
      wait: { timeoutMs, signal, priority },
      durability,
      fence: this.#context.fences.jobFence(fence, { timeoutMs, signal }),
    };
    return await this.#context.work.run("transact", async () => {
      await this.#context.pause();
      const { receipts, ...told } = await transactMemory(
        own,
        (drafts) => work(Object.fromEntries(keys.map((key, at) => [key, drafts[at]])) as Drafts<M>),
        rules,
      );
      const byKey = Object.fromEntries(keys.map((key, at) => [key, receipts[at]]));
      return { ...told, members: byKey as MemberReceipts<M> };
    });
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#context.work.runOurs("list", () => {
      const prefix = directory === "" ? "" : `${checkStoreName(directory)}/`;
      const below = this.#context.space.files().flatMap(({ name, bytes }) => {
        const rest = name.slice(prefix.length);
        return name.startsWith(prefix) && !rest.includes("/") ? [{ name: rest, bytes }] : [];
      });
      return Promise.resolve(listedNames(below).map((name) => prefix + name));
    });
  }

  close(): Promise<void> {
    return this.#context.work.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enter(spec: DocumentSpec<unknown> | LogSpec<unknown>, kind: "document" | "log"): void {
    this.#context.work.checkOpen(`open a ${kind}`);
    checkOptions(spec);
    if (spec === undefined) throw new TypeError("spec must be an object with a name");
    this.#names.enter(checkStoreName(spec.name), kind, resolveLayout(spec.layout));
  }

  #own(key: string, member: unknown): MemoryMember {
    const isMember = member instanceof MemoryDocument || member instanceof MemoryLog;
    if (isMember && member.context === this.#context) return member as MemoryMember;
    throw new TypeError(`members.${key} must be a document or a log of this store`);
  }
}
