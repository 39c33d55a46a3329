import type { Verification } from "../billing/verify.ts";
import { openTimeTracking } from "../open-time-tracking.ts";
import type { VariantName } from "../variants/shape.ts";
import { migrate, type MigrateOptions, type Migration } from "./migrate.ts";

/** Where the time of older programs is to go. */
export interface LegacyAdapterOptions extends Pick<MigrateOptions, "file" | "defaultActorId" | "timeZone"> {
  /** Default `"milliseconds"`: what FlowForge's provider keeps. */
  readonly to?: VariantName | undefined;
}

/** How far a migration has come: all of it, or nothing. */
export interface MigrationStats {
  readonly from: Migration["from"];
  readonly to: Migration["to"];
  readonly totalSessions: number;
  readonly migratedSessions: number;
  readonly pendingSessions: number;
  /** Timers that run or are paused. */
  readonly openTimers: number;
  /** Milliseconds of finished work. */
  readonly totalDuration: number;
}

/** FlowForge's legacy adapter, by its names. */
export function flowforgeLegacyAdapter(
  directory: string,
  options: LegacyAdapterOptions = {},
): FlowForgeLegacyAdapter {
  return new FlowForgeLegacyAdapter(directory, options);
}

/** Made by {@link flowforgeLegacyAdapter}. */
export class FlowForgeLegacyAdapter {
  readonly #directory: string;
  readonly #options: MigrateOptions;

  constructor(directory: string, { to = "milliseconds", ...rest }: LegacyAdapterOptions) {
    this.#directory = directory;
    this.#options = { ...rest, to };
  }

  /** Brings all time into the new variant, with a proof for each entry. Throws as `migrate`. */
  migrateAllSessions(options: Pick<MigrateOptions, "dryRun" | "backup" | "verify"> = {}): Promise<Migration> {
    return migrate(this.#directory, { ...options, ...this.#options });
  }

  /** What is there, and what of it is still to be migrated. Changes nothing. Throws as `migrate`. */
  async getMigrationStats(): Promise<MigrationStats> {
    const { from, to, entries, timers, workedMs } = await this.migrateAllSessions({ dryRun: true });
    const migratedSessions = from === to ? entries : 0;
    return {
      from,
      to,
      totalSessions: entries,
      migratedSessions,
      pendingSessions: entries - migratedSessions,
      openTimers: timers,
      totalDuration: workedMs,
    };
  }

  /** Whether what is stored agrees with itself: seals, invoices, overlaps, records that cannot be read. */
  validateDataIntegrity(): Promise<Verification> {
    const { file, defaultActorId, timeZone } = this.#options;
    return openTimeTracking(this.#directory, { file, defaultActorId, timeZone }).billing.verify();
  }
}
