import type { Clock, ProcessIdentity, WaitOptions } from "@flockwork/core";
import type { InstantLike } from "./arguments.ts";
import type { Supervision, TimeEntry, Timer } from "./time/entry.ts";
import type { VariantName } from "./variants/shape.ts";

/** How time is opened. */
export interface OpenTimeTrackingOptions {
  /** What tells the time. Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
  /** The zone of work that names none. Default: this machine's. */
  readonly timeZone?: string | undefined;
  /** Whose time an entry is that does not say: some variants do not. Default `"developer"`. */
  readonly defaultActorId?: string | undefined;
  /** `"document"` (default): FlowForge's file, in the variant found. `"journal"`: a log of our own; each operation appends one line. */
  readonly mode?: "document" | "journal" | undefined;
  /** The file below the directory. Default `.flowforge/billing/time-tracking.json`, or `time-journal.jsonl` beside it. */
  readonly file?: string | undefined;
  /** The variant of a file that does not exist yet. Default `"hours"`. */
  readonly variant?: VariantName | undefined;
  /** Write down what was done, so that it can be undone. Default true. A journal always does. */
  readonly history?: boolean | undefined;
  /** How many of a human's agents, and the human, may have time at one moment. Default `Infinity`; 1: none beside another. */
  readonly maxPerOwner?: number | undefined;
  /** Default `"disk"`: an operation resolves once it survives a power loss. */
  readonly durability?: "disk" | "os" | undefined;
  /** Makes ids of entries, timers and operations. Default: random. */
  readonly newId?: (() => string) | undefined;
}

/** What is said of work when it begins. */
export interface WorkOptions {
  readonly taskId: string;
  /** Default: FlowForge's developer id. */
  readonly actorId?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Default: that of `openTimeTracking`. */
  readonly timeZone?: string | undefined;
  /** Default true. */
  readonly billable?: boolean | undefined;
  readonly nonBillableReason?: string | undefined;
  readonly supervision?: Supervision | undefined;
  readonly note?: string | undefined;
}

/** How a timer is started. */
export interface StartOptions extends WorkOptions, WaitOptions {
  /** It began at an earlier moment. Default: now. */
  readonly startedAt?: InstantLike | undefined;
  /** The process it ends with: `identifyProcess()`. Default: none; it runs until it is stopped. */
  readonly process?: ProcessIdentity | undefined;
  /** Milliseconds without a heartbeat after which `recover` ends it. Default: never. */
  readonly leaseMs?: number | undefined;
  /** What happens to a timer of the same actor and instance: `"refuse"` (default), or `"pause"`, as FlowForge does. */
  readonly whileRunning?: "refuse" | "pause" | undefined;
}

/** Which timer is meant. */
export interface TimerOptions extends WaitOptions {
  /** Default: FlowForge's developer id. */
  readonly actorId?: string | undefined;
  readonly taskId?: string | undefined;
  /** Refuse to touch a timer of another instance. */
  readonly instanceId?: string | undefined;
  /** Only a timer of that session. A timer that was started in none is a session by itself, of its own id. */
  readonly sessionId?: string | undefined;
}

/** Time to add by hand. */
export interface AddOptions extends WorkOptions, WaitOptions {
  readonly startedAt: InstantLike;
  /** Not part of it any more. */
  readonly endedAt: InstantLike;
  readonly reason?: string | undefined;
  readonly rate?: TimeEntry["rate"];
}

/** What a change of time resolves to. */
export interface TimeReceipt {
  /** The timer after it; undefined where it is gone, or was none. */
  readonly timer?: Timer | undefined;
  /** The entries that it made or changed. */
  readonly entries: readonly TimeEntry[];
  /** Names the operation. */
  readonly op: string;
  /** Whether anything was changed. */
  readonly changed: boolean;
  readonly durability: "disk" | "os";
}

/** Who works on what. */
export interface TimeStatus {
  readonly running: readonly (Timer & { readonly elapsedMs: number })[];
  readonly paused: readonly Timer[];
  /** Entries whose end was inferred, and that nobody confirmed yet. */
  readonly recovered: readonly TimeEntry[];
}
