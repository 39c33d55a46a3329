/** What stands inside a lock that consists in being there, and when its holder counts as dead. */
import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { isMainThread } from "node:worker_threads";
import { bootId, pidNamespace, processExists, processIdentity } from "../platform/process-identity.ts";
import { judgeProcess } from "../platform/process-proof.ts";
import type { DirectoryLegPlan, JsonFileLegPlan } from "./lock-layout.ts";

/** The fields we understand of a record, ours or a neighbour's. */
export interface ParsedRecord {
  readonly lockId: string | undefined;
  readonly pid: number | undefined;
  readonly hostname: string | undefined;
  readonly bootId: string | undefined;
  readonly pidNamespace: string | undefined;
  readonly startTicks: string | undefined;
  /** Device and inode of the kernel lock that one of us held with it. */
  readonly kernelLock: string | undefined;
  /** Wall-clock milliseconds. */
  readonly timestamp: number | undefined;
  /** Wall-clock milliseconds of the last beat, or until which none will come; undefined for a holder that sends none. */
  readonly heartbeat: number | undefined;
}

export interface ExistenceRecord {
  readonly lockId: string;
  /** The record as it should stand now, with a fresh heartbeat. */
  text(): string;
}

/**
 * How far ahead a holder dates its heartbeat that blocks its thread and so can send none. FlowForge's programs take a lock for stale
 * at once when its pid is gone, whatever the date; only where another process has been given that pid they wait until then. A
 * worker thread dates nothing ahead: it may be terminated, and the pid lives on.
 */
const blockingHeartbeatMs = 3_600_000;

/**
 * A record for this process: FlowForge's fields, or beads', and ours beside them (neighbours ignore what they do not know).
 * @param blocking - Its holder is synchronous.
 */
export function ownRecord(
  plan: JsonFileLegPlan | DirectoryLegPlan,
  kernelLock: string | undefined,
  blocking: boolean,
): ExistenceRecord {
  const lockId = randomUUID();
  const startedAtMs = Date.now();
  const identity = {
    hostname: hostname(),
    bootId: bootId(),
    pidNamespace: pidNamespace(),
    startTicks: processIdentity(process.pid)?.startTicks,
    kernelLock,
  };
  const text = (): string => {
    if (plan.kind === "json-file" && plan.format === "beads") {
      const started_at = new Date(startedAtMs).toISOString();
      return JSON.stringify({
        holder: "flockwork",
        pid: process.pid,
        started_at,
        version: "1",
        ...identity,
        lockId,
      });
    }
    const file = plan.kind === "json-file" ? plan.file : plan.path;
    return JSON.stringify(
      {
        pid: process.pid,
        lockId,
        timestamp: startedAtMs,
        holder: userName(),
        file,
        heartbeat: Date.now() + (blocking && isMainThread ? blockingHeartbeatMs : 0),
        ...identity,
      },
      null,
      2,
    );
  };
  return { lockId, text };
}

/** Reads a record as hostile input: anything may be missing or wrong. Undefined when it is no JSON object. */
export function parseRecord(text: string | undefined): ParsedRecord | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const field = (name: string): unknown => (value as Record<string, unknown>)[name];
  const textOf = (name: string): string | undefined =>
    typeof field(name) === "string" ? (field(name) as string) : undefined;
  const numberOf = (name: string): number | undefined =>
    Number.isFinite(field(name)) ? (field(name) as number) : undefined;
  return {
    lockId: textOf("lockId"),
    pid: numberOf("pid"),
    hostname: textOf("hostname"),
    bootId: textOf("bootId"),
    pidNamespace: textOf("pidNamespace"),
    startTicks: textOf("startTicks"),
    kernelLock: textOf("kernelLock"),
    timestamp: numberOf("timestamp"),
    heartbeat: numberOf("heartbeat"),
  };
}

/** A lock file younger than this may still be being written. */
const unreadableGraceMs = 1_000;
/** A lock directory without its pid, older than this, was left by a program that was killed between the two. */
const emptyGraceMs = 5_000;

/**
 * Whether the holder is proven dead.
 *
 * Same host and pid namespace, and: another boot, or no such pid, or a pid that started at another time. A record of another
 * host is never broken. A record without a host (a neighbour's) is broken when its last sign of life is older than `staleMs`
 * and its pid is gone; while the pid seems alive, only if it used to send heartbeats and has been silent for twice as long.
 * One that cannot be read is broken once it is old, an empty directory soon: neighbours write their pid right after they made it.
 * Records of our own are judged before, by the kernel lock that comes first.
 */
export function isDead(
  found: {
    readonly record: ParsedRecord | undefined;
    readonly pidText: string | undefined;
    readonly modifiedAtMs: number;
    readonly isEmpty: boolean;
  },
  staleMs: number,
): boolean {
  const { record } = found;
  const ageMs = Date.now() - (record?.heartbeat ?? record?.timestamp ?? found.modifiedAtMs);
  if (found.isEmpty) return ageMs > Math.min(staleMs, emptyGraceMs);
  const pid = record?.pid ?? leadingNumber(found.pidText);
  if (pid === undefined) return ageMs > Math.max(staleMs, unreadableGraceMs);
  if (record?.hostname !== undefined) return isProvenDead(record, record.hostname, pid);
  if (!processExists(pid)) return ageMs > staleMs;
  return record?.heartbeat !== undefined && ageMs > 2 * staleMs;
}

/** Whether the process a record names runs on this host, as far as can be told. */
export function isRunning(record: ParsedRecord | undefined): boolean {
  if (record?.pid === undefined || record.hostname === undefined) return false;
  const { pid, hostname: host, bootId: boot, pidNamespace: namespace, startTicks } = record;
  return judgeProcess({ pid, host, bootId: boot, pidNamespace: namespace, startTicks }) === "running";
}

function isProvenDead(record: ParsedRecord, host: string, pid: number): boolean {
  const { bootId: boot, pidNamespace: namespace, startTicks } = record;
  const verdict = judgeProcess({ pid, host, bootId: boot, pidNamespace: namespace, startTicks });
  return verdict !== "running" && verdict !== "elsewhere";
}

/** The pid in a plain pid file. */
export function leadingNumber(text: string | undefined): number | undefined {
  const match = /^\s*(\d{1,10})\b/.exec(text ?? "");
  return match === null ? undefined : Number(match[1]);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown"; // a uid without a passwd entry
  }
}
