import type { TimeEntry } from "../time/entry.ts";
import type { Adjustment } from "./adjustment.ts";
import { digestOf, sealedText } from "./digest.ts";

/** A period that is closed: everything through a local day, and after the seal before. */
export interface Seal {
  readonly through: string;
  readonly sealedAtMs: number;
  readonly entries: number;
  readonly workedMs: number;
  /** What each day held. */
  readonly days: Readonly<Record<string, { readonly entries: number; readonly digest: string }>>;
  /** The hash of the seal before; empty for the first. */
  readonly previous: string;
  /** Of all of the above. */
  readonly hash: string;
}

/** The days of a period, and what they hold. */
export function digestDays(
  entries: readonly TimeEntry[],
  adjustments: readonly Adjustment[],
  after: string,
  through: string,
): Seal["days"] {
  const days = new Map<string, { id: string; text: string }[]>();
  for (const item of [...entries, ...adjustments]) {
    if (item.localDay <= after || item.localDay > through) continue;
    const day = days.get(item.localDay) ?? [];
    if (day.length === 0) days.set(item.localDay, day);
    day.push({ id: item.id, text: sealedText(item) });
  }
  const sorted = [...days].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([day, items]) => {
      const texts = items.toSorted((one, other) => (one.id < other.id ? -1 : 1)).map(({ text }) => text);
      return [day, { entries: texts.length, digest: digestOf(texts) }];
    }),
  );
}

export function makeSeal(
  entries: readonly TimeEntry[],
  adjustments: readonly Adjustment[],
  previous: Seal | undefined,
  through: string,
  sealedAtMs: number,
): Seal {
  const after = previous?.through ?? "";
  const inside = entries.filter(({ localDay }) => localDay > after && localDay <= through);
  const seal = {
    through,
    sealedAtMs,
    entries: inside.length,
    workedMs: inside.reduce((sum, { workedMs }) => sum + workedMs, 0),
    days: digestDays(entries, adjustments, after, through),
    previous: previous?.hash ?? "",
  };
  return { ...seal, hash: digestOf(seal) };
}
