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
import { attemptOn, openLockFile, type DescriptorPolicy } from "./lock-descriptor.ts";
import type { FlockLegPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";

export const gateSuffix = ".gate";

export class Turnstile {
  readonly #plan: FlockLegPlan;
  readonly #policy: DescriptorPolicy;
  #fd: number | undefined;
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
    this.#announced ||= this.#try("exclusive", false) === "granted";
  }

  /** The writer is in, or gave up: opens the gate again if this one closed it. */
  retire(): void {
    if (!this.#announced || this.#fd === undefined) return;
    this.#announced = false;
    flock.unlock(this.#fd);
  }

  /** A reader passes if the gate is open. Otherwise the descriptor to wait on (shared), then `passed`. */
  pass(): number | undefined {
    if (this.#try("shared", true) === "busy") return this.#fd;
    this.passed();
    return undefined;
  }

  /** The reader is through. */
  passed(): void {
    if (this.#fd !== undefined) flock.unlock(this.#fd);
  }

  close(): void {
    if (this.#fd !== undefined) files.closeSync(this.#fd);
    this.#fd = undefined;
    this.#announced = false;
  }

  #try(mode: LockMode, create: boolean): "granted" | "busy" | "absent" {
    try {
      for (let round = 0; round < 10; round += 1) {
        this.#fd ??= openLockFile(this.#plan, { ...this.#policy, create });
        if (this.#fd === undefined) return "absent";
        const outcome = attemptOn(this.#fd, this.#plan.path, mode, "", this.#policy);
        if (outcome === "granted" || outcome === "busy") return outcome;
        this.close();
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error; // a gate we may not open: go without
    }
    return "absent";
  }
}
