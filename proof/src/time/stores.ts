import { openTimeTracking, type TimeTracking, type VariantName } from "./package.ts";

/** Every way in which time is kept: FlowForge's five, and the journal. */
export const kinds = ["seconds", "hours", "hours-unix", "minutes", "milliseconds", "journal"] as const;
export type Kind = (typeof kinds)[number];

/** Whose timers are raced for, and on which tasks. Fewer actors than processes: they get in each other's way. */
export const actors: readonly string[] = ["ada", "bob", "cy", "di"];
export const tasks: readonly string[] = ["1", "2", "3"];

export function openTime(kind: Kind, directory: string): TimeTracking {
  const shared = { timeZone: "UTC", durability: "os" } as const;
  return kind === "journal"
    ? openTimeTracking(directory, { ...shared, mode: "journal" })
    : openTimeTracking(directory, { ...shared, variant: kind satisfies VariantName });
}
