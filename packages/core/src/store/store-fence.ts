import type { JobFence } from "../document/document-job.ts";
import { recordFenceRejected } from "../events.ts";
import type { Fence } from "../lease/fence.ts";
import {
  checkFence,
  FenceRegister,
  fencingTokens,
  type FencingTokensDocument,
} from "../lease/fence-register.ts";
import { StaleFencingTokenError } from "../lease/lease-errors.ts";
import type { WaitOptions } from "../options.ts";

/** Turns the fence of a call into the checks that are made under the locks of what it writes. */
export class StoreFences {
  readonly #open: () => FencingTokensDocument;
  #register: FenceRegister | undefined;

  /** @param open - Opens the document of the highest tokens, when the first fence comes. */
  constructor(open: () => FencingTokensDocument) {
    this.#open = open;
  }

  /** @param wait - How long the call may wait: for the lock of the register, too. */
  jobFence(fence: Fence | undefined, wait: WaitOptions): JobFence | undefined {
    if (fence === undefined) return undefined;
    checkFence(fence);
    this.#register ??= new FenceRegister(this.#open());
    const register = this.#register;
    const { timeoutMs, signal } = wait;
    let told = false; // a change that is refused in company is tried alone once more
    const refused = (error: unknown): never => {
      if (!told && error instanceof StaleFencingTokenError) {
        told = true;
        const { lease, presented, current } = error;
        recordFenceRejected({ lease, presented, current });
      }
      throw error;
    };
    return {
      grant: `${fence.token} ${fence.name}`,
      admit: () => register.check(fence, { timeoutMs, signal }).catch(refused),
      assertHeld: () => fence.assertHeld?.(),
    };
  }
}

/** The name of the document that a register lies in: its own writes are made under no lease. */
export const fencingTokensName: string = fencingTokens.name;
