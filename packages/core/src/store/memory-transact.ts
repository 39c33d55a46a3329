import type { JobFence } from "../document/document-job.ts";
import type { DocumentReceipt } from "../document/json-document.ts";
import type { DocumentState } from "../document/document-state.ts";
import { GatheredRecords } from "../log/gathered-records.ts";
import { plainResult } from "../document/text/draft.ts";
import type { Durability } from "../options.ts";
import type { DocumentDrafting } from "../transact/document-drafting.ts";
import { outermost } from "../transact/nesting.ts";
import { MemoryDocument } from "./memory-document.ts";
import { MemoryLog } from "./memory-log.ts";
import type { StoreLockOptions } from "./store-lock.ts";

/** A member of a store in memory. */
export type MemoryMember = MemoryDocument<unknown> | MemoryLog<unknown>;

/** One member while the work lasts. */
interface Part {
  readonly member: MemoryMember;
  readonly drafting: DocumentDrafting | undefined;
  readonly gathered: GatheredRecords | undefined;
}

/** How a commit is made. */
export interface MemoryTransactRules {
  readonly wait: StoreLockOptions;
  readonly durability: Durability | undefined;
  readonly fence: JobFence | undefined;
}

/** What became of it. */
export interface MemoryTransacted<R> {
  readonly value: R;
  readonly changed: boolean;
  readonly durability: Durability;
  readonly receipts: readonly unknown[];
}

/** Locks all members by name, lets the work change drafts of them, checks all, and then makes all changes in one step. */
export async function transactMemory<R>(
  members: readonly MemoryMember[],
  work: (drafts: readonly unknown[]) => R | Promise<R>,
  rules: MemoryTransactRules,
): Promise<MemoryTransacted<R>> {
  const ordered = members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const twice = ordered.find(({ name }, at) => ordered[at + 1]?.name === name);
  if (twice !== undefined)
    throw new TypeError(`${twice.name} is in the transact twice: name each member once`);
  return await outermost(ordered[0]?.name ?? "", (inside) => {
    const locked = (at: number): Promise<MemoryTransacted<R>> => {
      const member = ordered[at];
      if (member === undefined) return commit(members, (drafts) => inside(() => work(drafts)), rules);
      member.cell.prepareForWriting();
      return member.cell.hold("exclusive", rules.wait, () => locked(at + 1));
    };
    return locked(0);
  });
}

async function commit<R>(
  members: readonly MemoryMember[],
  work: (drafts: readonly unknown[]) => R | Promise<R>,
  { durability: asked, fence }: MemoryTransactRules,
): Promise<MemoryTransacted<R>> {
  await fence?.admit();
  const parts: Part[] = members.map((member) => ({
    member,
    drafting: member instanceof MemoryDocument ? member.drafting() : undefined,
    gathered: member instanceof MemoryLog ? new GatheredRecords(member.rules) : undefined,
  }));
  try {
    const drafts: unknown[] = [];
    for (const part of parts) drafts.push(await openPart(part));
    const value = plainResult(await work(drafts));
    for (const { drafting } of parts) drafting?.seal();
    const after: (DocumentState | undefined)[] = [];
    for (const { drafting } of parts) after.push(await drafting?.settle());
    const pending = parts.map(({ member, gathered }) =>
      member instanceof MemoryLog && gathered !== undefined ? member.settle(gathered) : undefined,
    );
    await fence?.admit(); // again: the work may have taken long
    fence?.assertHeld();
    // From here on nothing can fail and nobody runs in between: this is the commit.
    const isChanged = (at: number): boolean =>
      after[at]?.bytes !== undefined || (pending[at]?.replaces ?? (pending[at]?.lines.length ?? 0) > 0);
    const changed = members.filter((_, at) => isChanged(at));
    const durability = asked ?? (changed.some((member) => member.durability === "disk") ? "disk" : "os");
    const receipts = parts.map(({ member, drafting }, at) => {
      const lines = pending[at];
      if (member instanceof MemoryLog)
        return lines && member.commit(lines, isChanged(at) ? durability : member.durability);
      const bytes = after[at]?.bytes;
      if (bytes !== undefined) member.cell.bytes = bytes;
      const receipt = drafting?.receipt(durability);
      if (receipt !== undefined) member.committed(receipt as DocumentReceipt<unknown>);
      return receipt;
    });
    for (const member of changed) member.cell.changed();
    return { value, changed: changed.length > 0, durability, receipts };
  } finally {
    for (const { drafting, gathered } of parts) {
      drafting?.close();
      gathered?.close();
    }
  }
}

function openPart({ member, drafting, gathered }: Part): unknown {
  if (member instanceof MemoryLog && gathered !== undefined) return member.wholeDraftOf(gathered);
  return drafting?.open();
}
