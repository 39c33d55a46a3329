import type { Clock, Store, WaitOptions } from "@flockwork/core";
import type { ClaimProof } from "../claims/claims.ts";
import type { DraftIssue } from "./edit-issue.ts";
import type { JitEvent, JitIssue } from "./issue.ts";

/** How a repository is opened. */
export interface OpenJitOptions {
  /** Who changes issues, for events: `type:id`. Default: `JIT_AGENT_ID`, or `agent:flockwork`. */
  readonly agent?: string | undefined;
  /** Where claims lie. Default: `jit` in git's common directory, so that all worktrees share them. */
  readonly claims?: Store | undefined;
  /** How this worktree is called in claims. Default: what jit's `worktree.json` says, or `wt:00000000`. */
  readonly worktreeId?: string | undefined;
  /** Its branch, for claims. Default: what git says. */
  readonly branch?: string | undefined;
  /** Milliseconds between two heartbeats of an agent that holds a claim; jit counts in whole seconds. Default 30 000. */
  readonly heartbeatMs?: number | undefined;
  /** What tells the time. Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
}

/** Under which conditions an issue is changed. */
export interface ChangeIssueOptions extends WaitOptions {
  /** The claim it is changed under. Without one, an issue that somebody holds is not changed. */
  readonly claim?: ClaimProof | undefined;
  /** Change it although somebody holds it, and move it although dependencies or gates are open. Default false. */
  readonly force?: boolean | undefined;
}

/** How an issue is moved to another state. */
export interface MoveIssueOptions extends CheckGateOptions {
  /**
   * Run the checkers of the automated gates that the move asks for first, as jit does: those of stage `precheck` before it is
   * begun, the others before it is gated or done. They run the commands that stand in the repository. Default false.
   */
  readonly check?: boolean | undefined;
}

/** How a gate is checked. `signal` ends the checker too, with everything it started; then nothing is noted. */
export interface CheckGateOptions extends ChangeIssueOptions {
  /** Who ran it: `type:id`. Default `auto:executor`, as jit's own runs. */
  readonly by?: string | undefined;
}

/** What a change resolves to. */
export interface IssueReceipt {
  readonly issue: JitIssue;
  /** Whether anything was written. */
  readonly changed: boolean;
}

/** Changes one issue: under the index's lock, then its own. Resolves an id, short or full. Throws as `JitRepository.update`. */
export type ChangeIssue = (
  id: string,
  edit: (draft: DraftIssue) => readonly JitEvent[],
  options: ChangeIssueOptions | undefined,
) => Promise<IssueReceipt>;
