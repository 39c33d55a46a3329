/** A run of a gate's checker, as jit writes it to `gate-runs/<run id>/result.json`. */
import type { JitGate, JitGateStatus } from "./issue.ts";

export type JitGateRunStatus = "passed" | "failed" | "error" | "pending" | "skipped";

/** Fields that are not listed here are kept. Instants are ISO 8601. */
export interface JitGateRun {
  readonly schema_version: number;
  readonly run_id: string;
  readonly gate_key: string;
  readonly stage: JitGate["stage"];
  readonly issue_id: string;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly status: JitGateRunStatus;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly exit_code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly command: string;
  /** `type:id`. */
  readonly by: string | null;
  readonly message: string | null;
}

/** What is known of a run. What is left out is empty; its start and end are now. */
export type NewJitGateRun = Pick<JitGateRun, "status"> &
  Partial<Omit<JitGateRun, "schema_version" | "run_id" | "gate_key" | "stage" | "issue_id" | "status">>;

const statuses: readonly JitGateRunStatus[] = ["passed", "failed", "error", "pending", "skipped"];

/** In jit's own order of fields. @throws {TypeError | RangeError} naming what is wrong. */
export function newGateRun(
  run: NewJitGateRun,
  of: {
    readonly runId: string;
    readonly gate: string;
    readonly stage: JitGate["stage"];
    readonly issueId: string;
    readonly now: string;
  },
): JitGateRun {
  if (!statuses.includes(run.status)) throw new TypeError(`status must be one of ${statuses.join(", ")}`);
  const { started_at: startedAt = of.now, completed_at: completedAt = of.now } = run;
  for (const [name, instant] of Object.entries({ started_at: startedAt, completed_at: completedAt }))
    if (instant !== null && Number.isNaN(Date.parse(instant)))
      throw new TypeError(`${name} must be ISO 8601`);
  const lastedMs = completedAt === null ? null : Math.max(0, Date.parse(completedAt) - Date.parse(startedAt));
  return {
    schema_version: 1,
    run_id: of.runId,
    gate_key: of.gate,
    stage: of.stage,
    issue_id: of.issueId,
    commit: run.commit ?? null,
    branch: run.branch ?? null,
    status: run.status,
    started_at: startedAt,
    completed_at: completedAt,
    duration_ms: whole("duration_ms", run.duration_ms === undefined ? lastedMs : run.duration_ms),
    exit_code: whole("exit_code", run.exit_code ?? null),
    stdout: run.stdout ?? "",
    stderr: run.stderr ?? "",
    command: run.command ?? "",
    by: run.by ?? null,
    message: run.message ?? null,
  };
}

/** How a gate stands after a run: a checker that could not run has not passed. */
export function gateStatusAfter(status: JitGateRunStatus): JitGateStatus["status"] {
  if (status === "error") return "failed";
  return status === "skipped" ? "pending" : status;
}

function whole(name: string, value: number | null): number | null {
  if (value === null || Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name} must be a whole number, got ${value}`);
}
