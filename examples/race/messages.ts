// What the race says to its workers and hears from them.

/** One of the ways to change the files. */
export type WayName = "plain" | "flockwork-os" | "flockwork-disk";

export const titles: Readonly<Record<WayName, string>> = {
  plain: "plain fs",
  "flockwork-os": "Flockwork, os",
  "flockwork-disk": "Flockwork, disk",
};

/** Which of the two files an update changes. */
export type Target = "state" | "log";

/** What a worker needs to know; its only argument. */
export interface Assignment {
  readonly worker: number;
  readonly way: WayName;
  readonly statePath: string;
  readonly logPath: string;
}

/** From the race to a worker. */
export type Command = "go" | "die" | "stop";

/** One update whose call returned without an error: the worker was told that it is in the file. */
export interface Acknowledgement {
  readonly target: Target;
  /** Counted by the worker, from 1; together with the worker's number it names the update. */
  readonly sequence: number;
  readonly durationMs: number;
  /** When the update got to the file, on the machine's monotonic clock. */
  readonly enteredAtMs: number;
}

/** From a worker to the race. Counts are since the previous report. */
export interface Report {
  readonly type: "ready" | "progress" | "holding" | "stopped";
  readonly attempted: number;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly reads: number;
  readonly unreadableReads: number;
  /** Calls that failed with an error of their own; for Flockwork there should be none. */
  readonly failures: readonly string[];
}

/** Milliseconds on a clock that all processes of one machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
