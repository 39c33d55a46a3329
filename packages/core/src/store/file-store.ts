import { resolve } from "node:path";
import { listDirectory } from "../atomic/list-directory.ts";
import { resolveLayout, resolveLockOptions, type LockOptions } from "../lock/lock-options.ts";
import type { DocumentReceipt } from "../document/json-document.ts";
import { checkDurability, checkFunction, checkOptions, checkPath } from "../options.ts";
import { transactFiles } from "../transact/transact-files.ts";
import type { FileContext } from "./file-context.ts";
import { FileDocument } from "./file-document.ts";
import { FileLockHandle } from "./file-lock-handle.ts";
import { FilePlace } from "./file-place.ts";
import { FileLog } from "./file-log.ts";
import { listedNames } from "./listed-names.ts";
import { refuseNested } from "./name-in-the-way.ts";
import { MemberNames } from "./member-names.ts";
import type { DocumentSpec } from "./store-document.ts";
import type { LogSpec } from "./store-log.ts";
import type { StoreLock, StoreLockSpec } from "./store-lock.ts";
import { checkMembers, type StoreMembers } from "./store-member.ts";
import type { Store, StoreCapabilities } from "./store.ts";
import { checkStoreName } from "./store-name.ts";
import { StoreFences } from "./store-fence.ts";
import type { Drafts, MemberReceipts, TransactOptions, TransactReceipt } from "./store-transact.ts";
import { StoreWork } from "./store-work.ts";
import { fencingTokens } from "../lease/fence-register.ts";

/** How a file store takes its locks and treats links. */
export interface FileStoreOptions extends Pick<
  LockOptions,
  "backend" | "timeoutMs" | "allowNetworkFileSystem" | "allowForeignOwner"
> {
  /** Use files that symbolic links lead to outside of the directory. Default false: `UnsafePathError`. */
  readonly followOutside?: boolean | undefined;
}

const capabilities: StoreCapabilities = Object.freeze({
  lockKind: "session",
  sharedLocks: true,
  fairness: "priority",
  durability: ["disk", "os"],
  medium: "files",
  transactScope: "store",
  leaseClock: "local",
  tokenScope: "lease",
  maxDocumentBytes: 536_870_888,
  watch: true,
  merge: true,
  layouts: true,
} as const);

/**
 * A store in the files of a directory: names are paths below it, formats and locks are those of the neighbours (`layout`).
 * Nothing is opened or created before it is used; the directory itself, too, is made by the first write.
 *
 * @throws {TypeError | RangeError} naming what is wrong with the arguments.
 * @example
 * const store = fileStore(".");
 * const tasks = store.document({ name: "tasks.json", schema: Tasks, defaults: () => ({ tasks: [] }) });
 */
export function fileStore(directory: string, options: FileStoreOptions = {}): Store {
  return new FileStore(directory, options);
}

class FileStore implements Store {
  readonly capabilities: StoreCapabilities;
  readonly #context: FileContext;
  readonly #names = new MemberNames();

  constructor(directory: string, options: FileStoreOptions) {
    checkOptions(options);
    resolveLockOptions(options);
    const { followOutside = false, backend, timeoutMs, allowNetworkFileSystem, allowForeignOwner } = options;
    if (typeof followOutside !== "boolean") throw new TypeError("followOutside must be true or false");
    this.capabilities =
      backend === "proper-lockfile"
        ? { ...capabilities, lockKind: "lease", sharedLocks: false, fairness: "none" }
        : capabilities;
    this.#context = {
      root: { directory: resolve(checkPath("directory", directory)), followOutside },
      lock: { backend, timeoutMs, allowNetworkFileSystem, allowForeignOwner },
      sharedLocks: this.capabilities.sharedLocks,
      work: new StoreWork(),
      // A change that began before the store was closed is finished, and its fence is checked for that.
      fences: new StoreFences(
        () => new FileDocument({ ...this.#context, work: new StoreWork() }, fencingTokens),
      ),
    };
  }

  document<T>(spec: DocumentSpec<T>): FileDocument<T> {
    this.#enter(spec, "document");
    return new FileDocument(this.#context, spec);
  }

  log<T>(spec: LogSpec<T>): FileLog<T> {
    this.#enter(spec, "log");
    return new FileLog(this.#context, spec);
  }

  lock(name: string, spec: StoreLockSpec = {}): StoreLock {
    this.#context.work.checkOpen("lock");
    checkOptions(spec);
    checkStoreName(name);
    const layout = resolveLayout(spec.layout ?? this.#names.layoutOf(name));
    this.#names.enter(name, undefined, layout);
    return new FileLockHandle(this.#context, name, { layout });
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
    const { fence, timeoutMs = this.#context.lock.timeoutMs, signal, priority, durability } = options;
    if (durability !== undefined) checkDurability(durability);
    const jobFence = this.#context.fences.jobFence(fence, { timeoutMs, signal });
    return await this.#context.work.run("transact", async () => {
      const { value, changed, receipts, ...rest } = await transactFiles(
        own.map((member) => member.participant()),
        (drafts) => work(Object.fromEntries(keys.map((key, at) => [key, drafts[at]])) as Drafts<M>),
        {
          lock: { ...this.#context.lock, timeoutMs, signal, priority },
          durability,
          admit: jobFence && (() => jobFence.admit()),
          assertHeld: jobFence && (() => jobFence.assertHeld()),
        },
      );
      const told = own.map((member, at) => {
        if (member instanceof FileLog) return member.receiptOf(receipts[at] as never);
        member.committed(receipts[at] as DocumentReceipt<unknown>);
        return receipts[at];
      });
      const byKey = Object.fromEntries(keys.map((key, at) => [key, told[at]]));
      return { value, changed, durability: rest.durability, members: byKey as MemberReceipts<M> };
    });
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#context.work.runOurs("list", () => {
      if (directory !== "") new FilePlace(this.#context.root, checkStoreName(directory)).checkForListing();
      const entries = listDirectory(resolve(this.#context.root.directory, directory)) ?? [];
      const names = listedNames(entries.filter(({ kind }) => kind === "file"));
      return Promise.resolve(names.map((name) => (directory === "" ? name : `${directory}/${name}`)));
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

  #own(key: string, member: unknown): FileDocument<unknown> | FileLog<unknown> {
    const isMember = member instanceof FileDocument || member instanceof FileLog;
    if (isMember && member.context === this.#context)
      return member as FileDocument<unknown> | FileLog<unknown>;
    throw new TypeError(`members.${key} must be a document or a log of this store`);
  }
}
