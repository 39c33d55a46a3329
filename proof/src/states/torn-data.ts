import { afterData, type DataChange, type DiskFile } from "./disk.ts";

const sector = 512;
const mostSectors = 8;
const mostWholeChanges = 4;

/**
 * What a file may hold after a loss of power: with any of its unsynced changes made or not, and one of them torn: cut after one
 * byte, at sectors and pages, and before its last byte, the rest missing, or NUL where the size came first, or the beginning NUL
 * where a later page came first. The first is what is certain, the second what processes saw.
 */
export function tornData({ data, dataChanges }: DiskFile): Buffer[] {
  const found: Buffer[] = [data, afterData(data, dataChanges)];
  for (const chosen of subsets(dataChanges)) found.push(afterData(data, chosen));
  for (const [at, change] of dataChanges.entries()) {
    if ("truncateTo" in change) continue;
    const others = [[], dataChanges.slice(0, at), dataChanges.filter((each) => each !== change)];
    const before = others.map((each) => afterData(data, each));
    for (const base of before) found.push(...tearings(base, change));
  }
  return distinct(found);
}

/** Any of the changes; where they are many, those up to some one. */
function subsets(changes: readonly DataChange[]): DataChange[][] {
  if (changes.length > mostWholeChanges) return changes.map((_, at) => changes.slice(0, at));
  return Array.from({ length: 1 << changes.length }, (_, mask) =>
    changes.filter((_change, at) => (mask & (1 << at)) !== 0),
  );
}

/** One write, not whole. Bytes of one sector reach the disk in their order, sectors in any. */
function tearings(base: Buffer, { offset, bytes }: Extract<DataChange, { bytes: Buffer }>): Buffer[] {
  const put = (from: number, to: number): Buffer =>
    afterData(base, [{ offset: offset + from, bytes: bytes.subarray(from, to) }]);
  const size = Math.max(base.length, offset + bytes.length);
  const extended = (content: Buffer): Buffer => Buffer.concat([content], size);
  const found = [extended(base)];
  const sectors = sectorsOf(offset, bytes.length);
  for (const cut of new Set([1, ...sectors, bytes.length - 1]))
    if (cut > 0 && cut < bytes.length) found.push(put(0, cut), extended(put(0, cut)));
  for (const [at, cut] of sectors.entries()) {
    found.push(extended(put(cut, bytes.length))); // the beginning is missing
    const next = sectors[at + 1];
    if (next === undefined) continue;
    found.push(extended(put(cut, next))); // one sector in the middle came first
    found.push(afterData(put(0, cut), [{ offset: offset + next, bytes: bytes.subarray(next) }])); // or is missing
  }
  return found;
}

/** Where sectors of the file begin inside a write; of many, the first ones and the last. */
function sectorsOf(offset: number, length: number): number[] {
  const sectors: number[] = [];
  for (let at = sector - (offset % sector); at < length; at += sector) sectors.push(at);
  return sectors.filter((_, at) => at < mostSectors || at === sectors.length - 1);
}

function distinct(contents: readonly Buffer[]): Buffer[] {
  return [...new Map(contents.map((content) => [content.toString("latin1"), content])).values()];
}
