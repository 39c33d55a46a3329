/**
 * The turnstile keeps writers from starving: with plain flock, readers that overlap never let a writer in.
 *
 * Every reader passes `<lock>.gate` (shared, for a moment) before it asks for the lock. A writer that has to wait
 * holds the gate exclusively until it is in, so that no new reader passes meanwhile. Only readers create the file,
 * so where nobody reads under lock there is no gate. A gate that cannot be had costs fairness, never exclusion.
 */
import { StoreError } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import { flock } from "../platform/flock.ts";
import { LockDescriptor } from "./lock-descriptor.ts";
import type { FlockLegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { DescriptorPolicy } from "./open-lock-file.ts";

export const gateSuffix = ".gate";

export class Turnstile {
  /** Whether a writer of this process waits behind it (see announcer.ts). */
  announcing = false;
  readonly #plan: FlockLegPlan;
  readonly #policy: DescriptorPolicy;
  #descriptor: LockDescriptor | undefined;
  #announced = false;

  constructor(lock: FlockLegPlan, policy: DescriptorPolicy) {
    this.#plan = { kind: "flock", path: lock.path + gateSuffix, fileMode: lock.fileMode };
    this.#policy = policy;
  }

  get path(): string {
    return this.#plan.path;
  }

  /** A writer that waits closes the gate if it is open. Called again now and then: another writer may have held it. */
  announce(): void {
    if (this.#announced || (this.#descriptor === undefined && !this.#exists())) return;
    this.#announced = this.#try("exclusive", false) === "granted";
  }

  /** The writer is in, or gave up: opens the gate again if this one closed it. */
  retire(): void {
    if (this.#announced) this.#unlock();
    this.#announced = false;
  }

  /** A reader passes if the gate is open. Otherwise the descriptor to wait on (shared), then `passed`. */
  pass(): number | undefined {
    const outcome = this.#try("shared", true);
    if (outcome === "busy") return this.#descriptor?.fd;
    if (outcome === "granted") this.passed();
    return undefined;
  }

  /** The reader is through. */
  passed(): void {
    this.#unlock();
  }

  /** Leaves the open descriptor to the caller, who closes it later. */
  abandon(): LockDescriptor | undefined {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#announced = false;
    return descriptor;
  }

  close(): void {
    this.#descriptor?.close();
    this.#descriptor = undefined;
    this.#announced = false;
  }

  /** A gate that cannot be unlocked is closed, which opens it all the same. */
  #unlock(): void {
    try {
      if (this.#descriptor !== undefined) flock.unlock(this.#descriptor.fd);
    } catch {
      this.close();
    }
  }

  /** Looking is cheap; an open that fails is not, and a waiting writer asks again and again. */
  #exists(): boolean {
    try {
      return files.statSync(this.#plan.path) !== undefined;
    } catch {
      return false;
    }
  }

  #try(mode: LockMode, create: boolean): "granted" | "busy" | "absent" {
    try {
      for (let round = 0; round < 10; round += 1) {
        this.#descriptor ??= LockDescriptor.open(this.#plan, { ...this.#policy, create });
        if (this.#descriptor === undefined) return "absent";
        const outcome = this.#descriptor.attempt(mode, "");
        if (outcome === "granted" || outcome === "busy") return outcome;
        this.close();
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error; // a gate we may not open: go without
    }
    return "absent";
  }
}
