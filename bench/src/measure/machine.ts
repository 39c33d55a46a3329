/** What the figures were measured on. */
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { loadBinding } from "@flockwork/flock";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly fileSystem: string;
  readonly node: string;
  readonly flockBinding: string;
  /** Whether the packages ran from their TypeScript sources or from their built JavaScript. */
  readonly code: "source" | "dist";
  /** One-minute load averages before and after, to which the bench itself adds most. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** The share of the processors' time that others had meanwhile. Null where it cannot be told; old reports have none. */
  readonly othersShare?: number | null;
}

export function describeMachine(
  directory: string,
  loadBefore: number,
  othersShare: number | undefined,
): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    fileSystem: fileSystemOf(directory),
    node: process.version,
    flockBinding: loadBinding().name,
    code: runsFromSource() ? "source" : "dist",
    loadBefore,
    loadAfter: round(loadavg()[0]),
    othersShare: othersShare ?? null,
  };
}

export function currentLoad(): number {
  return round(loadavg()[0]);
}

function runsFromSource(): boolean {
  return import.meta.resolve("@flockwork/core").endsWith(".ts");
}

function fileSystemOf(directory: string): string {
  try {
    const lines = execFileSync("df", ["-T", directory], { encoding: "utf8" }).trim().split("\n");
    const [device, type] = lines.at(-1)?.split(/\s+/) ?? [];
    return `${type} on ${device}`;
  } catch {
    return `type 0x${statfsSync(directory).type.toString(16)}`;
  }
}

function round(load: number | undefined): number {
  return Math.round((load ?? 0) * 100) / 100;
}
