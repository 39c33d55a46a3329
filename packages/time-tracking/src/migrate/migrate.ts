import { fileStore, readText, replaceFile, type DocumentDraft, type StoreMembers } from "@flockwork/core";
import { join } from "node:path";
import { canonical } from "../book/change.ts";
import { FileView, type TimeDefaults } from "../book/file-view.ts";
import { TimeConflictError, TimeFormatError } from "../errors.ts";
import { digestOf } from "../billing/digest.ts";
import type { TimeEntry } from "../time/entry.ts";
import { checkTimeZone, systemTimeZone } from "../time/local-day.ts";
import { shapeNamed, shapeOf } from "../variants/detect.ts";
import type { Json, VariantName } from "../variants/shape.ts";
import { convertFile } from "./convert-file.ts";

/** How a file of time is brought into another variant. */
export interface MigrateOptions {
  readonly to: VariantName;
  /** Work it out and prove it, and write nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Keep a copy of the file, byte for byte, beside it. Default true. */
  readonly backup?: boolean | undefined;
  /** Read what was written again, and prove it once more. Default true. */
  readonly verify?: boolean | undefined;
  /** Below the directory. Default `.flowforge/billing/time-tracking.json`. */
  readonly file?: string | undefined;
  /** Whose time an entry is that does not say. Default `"developer"`. */
  readonly defaultActorId?: string | undefined;
  /** The zone of entries that name none. Default: this machine's. */
  readonly timeZone?: string | undefined;
}

/** That an entry is the same before and after. */
export interface EntryProof {
  readonly id: string;
  readonly workedMs: number;
  /** What it costs, in 3 600 000ths of a minor unit, as a decimal: exact. Zero without a rate. */
  readonly cost: string;
  /** SHA-256 of all that it says: equal before and after. */
  readonly digest: string;
}

export interface Migration {
  readonly from: VariantName;
  readonly to: VariantName;
  readonly changed: boolean;
  readonly entries: number;
  readonly timers: number;
  readonly workedMs: number;
  /** One for each entry. */
  readonly proof: readonly EntryProof[];
  /** The copy that was made, below the directory. */
  readonly backup?: string | undefined;
}

/**
 * Brings a file of time into another variant, in one commit, and proves for each entry that no millisecond and no cent changed.
 * What other programs put into records goes along, under `flockwork.foreign`.
 *
 * @param directory - The directory of the project.
 * @throws {TimeFormatError} `ERR_TIME_FORMAT`: a record cannot be read, or the proof failed. {@link TimeConflictError} somebody
 * changed the file meanwhile. The file is as it was.
 */
export async function migrate(directory: string, options: MigrateOptions): Promise<Migration> {
  const {
    dryRun = false,
    backup = true,
    verify = true,
    file = ".flowforge/billing/time-tracking.json",
  } = options;
  const to = shapeNamed(options.to);
  const timeZone = checkTimeZone("timeZone", options.timeZone ?? systemTimeZone());
  const defaults: TimeDefaults = { actorId: options.defaultActorId ?? "developer", timeZone };
  const store = fileStore(directory);
  const document = store.document<Json>({ name: file, layout: "flowforge" });
  try {
    const { value, revision } = await document.readWithRevision();
    const before = new FileView(value as Json, shapeOf(value, file), defaults);
    const [problem] = before.problems();
    if (problem !== undefined)
      throw new TimeFormatError(
        file,
        `record ${problem.index} of ${problem.taskId ?? "the list"}: ${problem.why}`,
      );
    const converted = convertFile(value as Json, before, to);
    const migration = {
      ...prove(file, before, new FileView(converted, to, defaults)),
      changed: false,
    } as const;
    if (dryRun || before.shape.name === to.name) return migration;
    const copy = backup ? await keepCopy(directory, file, revision) : undefined;
    const members = { time: document } satisfies StoreMembers;
    await store.transact(members, ({ time }) => {
      const draft = time as DocumentDraft<Json>;
      if (draft.revision !== revision)
        throw new TimeConflictError(`migrate ${file}`, "somebody changed it while it was being worked out");
      draft.replace(converted);
    });
    if (verify) {
      const written = await document.read();
      prove(file, before, new FileView(written as Json, shapeOf(written, file), defaults));
    }
    return { ...migration, changed: true, ...(copy === undefined ? {} : { backup: copy }) };
  } finally {
    await store.close();
  }
}

/** @throws {TimeFormatError} an entry or a timer is not the same. */
function prove(file: string, before: FileView, after: FileView): Omit<Migration, "changed"> {
  const entries = before.entries();
  const proof = entries.map(proofOf);
  const found = new Map(after.entries().map((entry) => [entry.id, proofOf(entry)]));
  const differing = proof.find((each) => canonical(each) !== canonical(found.get(each.id)));
  if (differing !== undefined || found.size !== proof.length)
    throw new TimeFormatError(
      file,
      `entry ${differing?.id ?? "count"} would not be the same in ${after.shape.name}`,
    );
  const timers = (view: FileView): string => canonical(view.timers.map(canonical).toSorted());
  if (timers(before) !== timers(after))
    throw new TimeFormatError(file, `its timers would not be the same in ${after.shape.name}`);
  const workedMs = entries.reduce((sum, entry) => sum + entry.workedMs, 0);
  const names = { from: before.shape.name, to: after.shape.name };
  return { ...names, entries: proof.length, timers: before.timers.length, workedMs, proof };
}

function proofOf(entry: TimeEntry): EntryProof {
  const { id, workedMs, rate } = entry;
  return {
    id,
    workedMs,
    cost: String(BigInt(workedMs) * BigInt(rate?.minorUnits ?? 0)),
    digest: digestOf(entry),
  };
}

async function keepCopy(directory: string, file: string, revision: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const name = `${file}.backup-${stamp}-${revision.slice(0, 8).replaceAll(/[^A-Za-z0-9]/g, "")}`;
  await replaceFile(join(directory, name), (await readText(join(directory, file))) ?? "");
  return name;
}
