/**
 * Locks that consist in a file or directory being there: all that FlowForge's and beads' own tools know. They follow our kernel
 * lock, so among Flockwork's own callers nobody ever waits here.
 *
 * What a dead holder leaves is broken only on proof of death, by renaming it to a unique name, looking again, then deleting.
 */
import { StoreError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { files } from "../platform/file-system.ts";
import { quietly, removeIfThere } from "../platform/forgiving.ts";
import { brokenLockName } from "./broken-lock.ts";
import { removeAtExit } from "./exit-removal.ts";
import { findLock, ownRecordName, type FoundLock } from "./found-lock.ts";
import { LeaseLostError, LockFailedError } from "./lock-errors.ts";
import { isDead, isRunning, ownRecord, parseRecord, type ExistenceRecord } from "./existence-record.ts";
import { recordFailure } from "./lock-metrics.ts";
import type { DirectoryLegPlan, JsonFileLegPlan } from "./lock-layout.ts";
import { sleepSync } from "./sleep-sync.ts";
import { readSmallFile, removeTree, writeNewFile } from "./small-file.ts";
import { basename, dirname, join } from "node:path";

/** Longer than a neighbour takes from making a lock directory to writing its pid into it. */
const neighbourWritesPidMs = 20;

/** Locks of this process that were given back, though what shows them could not be removed: path and id. */
const givenBack = new Map<string, string>();

/** What one attempt knows besides its plan. */
export interface ExistenceContext {
  /** Device and inode of the kernel lock that is held with it, where that reaches all of us. */
  readonly kernelLock: string | undefined;
  /** The leg before this one was left by one of us that died: what stands here without a name is theirs, too. */
  readonly followsDead: boolean;
  /** Its holder is synchronous, and no timer will fire while it works. */
  readonly blocking: boolean;
}

export class ExistenceLeg {
  readonly #plan: JsonFileLegPlan | DirectoryLegPlan;
  /** The kernel lock that is held; undefined where it proves nothing. */
  readonly #kernelLock: string | undefined;
  /** The leg before this one was left by one of us that died: what stands here without a name is theirs, too. */
  readonly #followsDead: boolean;
  #brokeOurDead = false;
  #isBeingRemoved = false;
  readonly #record: ExistenceRecord;
  #heartbeat: NodeJS.Timeout | undefined;
  #forgetAtExit: (() => void) | undefined;
  #heldSince = 0;
  readonly #lostListeners: ((reason: Error) => void)[] = [];

  constructor(
    plan: JsonFileLegPlan | DirectoryLegPlan,
    { kernelLock, followsDead, blocking }: ExistenceContext,
  ) {
    this.#plan = plan;
    this.#kernelLock = kernelLock;
    this.#followsDead = followsDead;
    this.#record = ownRecord(plan, kernelLock, blocking);
  }

  /** Whoever of us left a record here has given it up, unless somebody removed the kernel lock's file. */
  get #isAlone(): boolean {
    return this.#kernelLock !== undefined;
  }

  get path(): string {
    return this.#plan.path;
  }

  /** Whether taking it meant breaking what one of us had left that died. */
  get brokeOurDead(): boolean {
    return this.#brokeOurDead;
  }

  /** One attempt. @throws {LockFailedError} when the operating system refuses; nothing is held then. */
  tryAcquire(): boolean {
    try {
      if (!this.#create() && (!this.#breakDead() || !this.#create())) return false;
    } catch (cause) {
      throw cause instanceof StoreError ? cause : new LockFailedError(this.#plan.path, "take lock", cause);
    }
    this.#heldSince = performance.now();
    this.#forgetAtExit = removeAtExit(() => this.#remove());
    const { heartbeatMs } = this.#plan.kind === "json-file" ? this.#plan : { heartbeatMs: Infinity };
    if (heartbeatMs < Infinity) this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    return true;
  }

  /**
   * @throws {LeaseLostError} when what stands there is not ours any more.
   * @throws {LockFailedError} when that cannot be told.
   */
  assertHeld(): void {
    let ours: boolean;
    try {
      ours = this.#isOurs();
    } catch (cause) {
      throw new LockFailedError(this.#plan.path, "look at lock", cause);
    }
    if (!ours) throw this.#lost();
  }

  /** Called when a heartbeat finds the lock gone or replaced. */
  onLost(listener: (reason: Error) => void): void {
    this.#lostListeners.push(listener);
  }

  #lost(): LeaseLostError {
    const heldForMs = performance.now() - this.#heldSince;
    return new LeaseLostError(this.#plan.path, heldForMs, "another program removed or replaced the lock");
  }

  release(): void {
    clearInterval(this.#heartbeat);
    try {
      this.#remove();
    } catch {
      this.#removeAgain(); // whatever it was may have passed
    }
    this.#forgetAtExit?.();
  }

  #removeAgain(): void {
    try {
      this.#remove();
    } catch (cause) {
      // Its next taker in this process removes it, or the end of the process does.
      givenBack.set(this.#plan.path, this.#record.lockId);
      throw new LockFailedError(this.#plan.path, "remove lock", cause);
    }
  }

  #create(): boolean {
    const { path } = this.#plan;
    try {
      if (this.#plan.kind === "directory") this.#createDirectory();
      else this.#createFile();
      return true;
    } catch (cause) {
      if (osCodeOf(cause) === "EEXIST") return false;
      throw new LockFailedError(path, "create lock", cause);
    }
  }

  #createDirectory(): void {
    const { path } = this.#plan;
    const record = this.#record.text();
    files.mkdirSync(path, { recursive: false, mode: 0o755 });
    try {
      // Our record first: whoever is killed in between leaves a lock that the next of us can judge.
      writeNewFile(join(path, ownRecordName), record);
      writeNewFile(join(path, "pid"), `${process.pid}\n`);
    } catch (error) {
      givenBack.set(path, this.#record.lockId);
      quietly(() => removeTree(path));
      throw error;
    }
  }

  /** Complete before it appears: a neighbour that finds it empty would take it for corrupt and delete it. */
  #createFile(): void {
    const { path } = this.#plan;
    files.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    const staged = this.#stage();
    try {
      files.linkSync(staged, path);
    } finally {
      quietly(() => removeIfThere(staged));
    }
  }

  #stage(): string {
    const { path } = this.#plan;
    // Whoever is alone finds what one who was killed here left behind, and writes over it.
    const staged = join(dirname(path), `.${this.#isAlone ? basename(path) : this.#record.lockId}.staged`);
    try {
      if (this.#isAlone) removeIfThere(staged);
      writeNewFile(staged, this.#record.text());
      return staged;
    } catch (error) {
      quietly(() => removeIfThere(staged));
      throw error;
    }
  }

  #beat(): void {
    let ours = true;
    try {
      ours = this.#isOurs();
      if (ours) this.#stayAlive();
    } catch {
      // A missed beat is no loss: staleness also needs our death. The next one tries again.
    }
    if (ours) return;
    clearInterval(this.#heartbeat);
    recordFailure("lost", this.#plan.path);
    for (const listener of this.#lostListeners) listener(this.#lost());
  }

  #stayAlive(): void {
    const staged = this.#stage();
    try {
      files.renameSync(staged, this.#plan.path);
    } catch {
      quietly(() => removeIfThere(staged));
    }
  }

  #isOurs(): boolean {
    const file = this.#plan.kind === "directory" ? join(this.#plan.path, ownRecordName) : this.#plan.path;
    return parseRecord(readSmallFile(file, "ours"))?.lockId === this.#record.lockId;
  }

  /** Removes a lock whose holder is proven dead. True when it may be free now. */
  #breakDead(): boolean {
    const { path } = this.#plan;
    const found = this.#inspect(path);
    if (found === undefined) return true; // gone meanwhile
    // Where it cannot be proven by its process (another host name or pid namespace), our kernel lock proves it.
    const isOurDead = this.#isAlone && this.#isGivenUp(found);
    if (!isOurDead && !isDead(found, this.#plan.staleMs)) return false;
    const aside = brokenLockName(path);
    try {
      files.renameSync(path, aside);
    } catch (cause) {
      if (osCodeOf(cause) === "ENOENT") return true;
      throw new LockFailedError(path, "break the lock a dead process left:", cause);
    }
    const moved = this.#inspect(aside);
    if (moved !== undefined && moved.identity === found.identity) {
      quietly(() => removeTree(aside));
      this.#brokeOurDead = isOurDead;
      givenBack.delete(path);
      return true;
    }
    // Between the look and the rename somebody else broke it and took the lock: give theirs back.
    this.#restore(aside);
    return false;
  }

  /** Whether one of us left it who holds nothing any more. */
  #isGivenUp(found: FoundLock): boolean {
    const given = givenBack.get(this.#plan.path);
    if (given !== undefined && (found.isEmpty || found.record?.lockId === given)) return true;
    if (!found.isOurs) return this.#isNamelessOfOurDead(found);
    // Whoever made it held the very kernel lock that we hold now, and so holds it no more: a thread that was terminated, for one.
    // Another lock it was where somebody removed the lock's file; then only the end of its process proves anything.
    return found.record?.kernelLock === this.#kernelLock || !isRunning(found.record);
  }

  /** An empty directory after the record of one of us that died. A neighbour would have written its pid into it by now. */
  #isNamelessOfOurDead(found: FoundLock): boolean {
    if (!this.#followsDead || !found.isEmpty) return false;
    sleepSync(neighbourWritesPidMs);
    const now = this.#inspect(this.#plan.path);
    return now?.isEmpty === true && now.identity === found.identity;
  }

  #restore(aside: string): void {
    try {
      if (this.#plan.kind === "directory") {
        files.renameSync(aside, this.#plan.path);
      } else {
        files.linkSync(aside, this.#plan.path);
        files.unlinkSync(aside);
      }
    } catch {
      quietly(() => removeTree(aside)); // a third one holds it by now; the moved one learns it from its own ownership check
    }
  }

  #inspect(path: string): FoundLock | undefined {
    return findLock(this.#plan, path);
  }

  /** Our record goes last: whoever is killed in between leaves a lock that the next of us can judge. */
  #remove(): void {
    if (!this.#isBeingRemoved && !this.#isOurs()) return;
    this.#isBeingRemoved = true; // from now on its record may be gone
    if (this.#plan.kind === "directory") removeTree(join(this.#plan.path, "pid"));
    removeTree(this.#plan.path);
  }
}
