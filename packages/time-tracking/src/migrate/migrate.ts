import {
  CommitUncertainError,
  fileStore,
  readText,
  replaceFile,
  type Store,
  type StoreDocument,
  type StoreLog,
} from "@flockwork/core";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { checkOptionalFlag } from "../arguments.ts";
import type { TimeRecord } from "../book/change.ts";
import { FileView, type TimeDefaults } from "../book/file-view.ts";
import { faultOfRecord, timeRecordSchema } from "../book/time-record-schema.ts";
import { TimeConflictError, TimeFormatError } from "../errors.ts";
import { checkTimeZone, systemTimeZone } from "../time/local-day.ts";
import { emptyFile, shapeNamed, shapeOf } from "../variants/detect.ts";
import { putInto } from "../variants/no-place.ts";
import type { Json, VariantName } from "../variants/shape.ts";
import { fileOf, foreignFields } from "./convert-file.ts";
import { contentOf, movingIn, movingOut } from "./journal-records.ts";
import { proveSame, type Proven } from "./proof.ts";

const place = ".flowforge/billing";

/** How time is brought into another variant. */
export interface MigrateOptions {
  /** A variant of the file, or `"journal"`: what `openTimeTracking` opens with `mode: "journal"`. */
  readonly to: VariantName | "journal";
  /** `"journal"`: out of the journal, into the file. Default: the file, in whichever variant it is. */
  readonly from?: "journal" | undefined;
  /** Work it out and prove it, and write nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Keep a copy of the file, byte for byte, beside it. Default true. A journal needs none: its lines stay. */
  readonly backup?: boolean | undefined;
  /** Read what was written again, and prove it once more. Default true. */
  readonly verify?: boolean | undefined;
  /** Below the directory. Default `.flowforge/billing/time-tracking.json`. */
  readonly file?: string | undefined;
  /** Default `.flowforge/billing/time-journal.jsonl`. */
  readonly journalFile?: string | undefined;
  /** Whose time an entry is that does not say. Default `"developer"`. */
  readonly defaultActorId?: string | undefined;
  /** The zone of entries that name none. Default: this machine's. */
  readonly timeZone?: string | undefined;
}

/** What a migration did, or would do. */
export interface Migration extends Proven {
  readonly from: VariantName | "journal";
  readonly to: VariantName | "journal";
  readonly changed: boolean;
  /** The copy that was made, below the directory. */
  readonly backup?: string | undefined;
}

/**
 * Brings time into another variant of the file, into the journal, or out of it, in one commit, and proves for each entry that no
 * millisecond and no cent changed. What other programs put into records goes along, under `flockwork.foreign`; through a
 * journal, too. Time is in one place: what it left is empty afterwards.
 *
 * @param directory - The directory of the project.
 * @throws {TimeFormatError} `ERR_TIME_FORMAT`: a record cannot be read, or the proof failed. {@link TimeConflictError} somebody
 * changed it meanwhile, or there is time already where it was to go. All is as it was.
 */
export async function migrate(directory: string, options: MigrateOptions): Promise<Migration> {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  for (const flag of ["dryRun", "backup", "verify"] as const) checkOptionalFlag(flag, options[flag]);
  const { file = `${place}/time-tracking.json`, journalFile = `${place}/time-journal.jsonl` } = options;
  const { from, to } = options;
  if (from !== undefined && from !== "journal") throw new TypeError('from must be "journal", or left out');
  if (from === to) throw new TypeError("from and to are the same");
  const timeZone = checkTimeZone("timeZone", options.timeZone ?? systemTimeZone());
  const defaults: TimeDefaults = { actorId: options.defaultActorId ?? "developer", timeZone };
  const variant = to === "journal" ? "hours" : shapeNamed(to).name;
  const store = fileStore(directory);
  try {
    const document = store.document<Json>({
      name: file,
      layout: "flowforge",
      ...(from === undefined ? {} : { defaults: () => emptyFile(variant), allowEmpty: true }),
    });
    const journal = store.log<TimeRecord>({ name: journalFile, schema: timeRecordSchema });
    const work = { directory, file, journalFile, store, document, journal, defaults, options };
    if (to === "journal") return await intoJournal(work);
    return await (from === "journal" ? outOfJournal(work, variant) : intoVariant(work, variant));
  } finally {
    await store.close();
  }
}

interface Work {
  readonly directory: string;
  readonly file: string;
  readonly journalFile: string;
  readonly store: Store;
  readonly document: StoreDocument<Json>;
  readonly journal: StoreLog<TimeRecord>;
  readonly defaults: TimeDefaults;
  readonly options: MigrateOptions;
}

async function intoVariant(work: Work, variant: VariantName): Promise<Migration> {
  const { store, document, file, defaults, options } = work;
  const to = shapeNamed(variant);
  const { value, revision, view } = await readFile(work);
  const converted = putInto(file, () => fileOf(view, foreignFields(value, view), to));
  const proven = proveSame(file, view, asFound(converted, file, defaults), to.name);
  const migration = { from: view.shape.name, to: to.name, changed: false, ...proven } as const;
  if (options.dryRun === true || migration.from === to.name) return migration;
  const copy = await withCopy(work, () =>
    store.transact({ time: document }, ({ time }) => {
      if (time.revision !== revision) throw changedMeanwhile(file);
      time.replace(converted);
    }),
  );
  if (options.verify !== false) proveSame(file, view, (await readFile(work)).view, to.name);
  return { ...migration, changed: true, ...copy };
}

async function intoJournal(work: Work): Promise<Migration> {
  const { store, document, journal, file, journalFile, options } = work;
  const { value, revision, view } = await readFile(work);
  const lines = movingIn(view, foreignFields(value, view));
  const written = JSON.parse(JSON.stringify(lines)) as readonly TimeRecord[];
  checkLines(file, written);
  const proven = proveSame(file, view, contentOf(written).view, "the journal");
  const migration = { from: view.shape.name, to: "journal", changed: false, ...proven } as const;
  checkEmpty(file, journalFile, contentOf(await journal.read()).isEmpty);
  if (options.dryRun === true) return migration;
  const copy = await withCopy(work, () =>
    store.transact({ time: document, journal }, async (drafts) => {
      if (drafts.time.revision !== revision) throw changedMeanwhile(file);
      checkEmpty(file, journalFile, contentOf(await drafts.journal.records()).isEmpty);
      drafts.journal.append(...lines);
      drafts.time.replace(emptyFile(view.shape.name));
    }),
  );
  if (options.verify !== false) proveSame(file, view, contentOf(await journal.read()).view, "the journal");
  return { ...migration, changed: true, ...copy };
}

async function outOfJournal(work: Work, variant: VariantName): Promise<Migration> {
  const { store, document, journal, file, journalFile, defaults, options } = work;
  const to = shapeNamed(variant);
  const records = await journal.read();
  const { view, foreign } = contentOf(records);
  const converted = putInto(journalFile, () => fileOf(view, foreign, to));
  const proven = proveSame(journalFile, view, asFound(converted, file, defaults), to.name);
  const migration = { from: "journal", to: to.name, changed: false, ...proven } as const;
  const there = await readFile(work);
  checkEmpty(journalFile, file, there.view.entries().length === 0 && there.view.timers.length === 0);
  if (options.dryRun === true) return migration;
  await store.transact({ time: document, journal }, async (drafts) => {
    if (drafts.time.revision !== there.revision) throw changedMeanwhile(file);
    if ((await drafts.journal.records()).length !== records.length) throw changedMeanwhile(journalFile);
    drafts.journal.append(...movingOut(view));
    drafts.time.replace(converted);
  });
  if (options.verify !== false) proveSame(journalFile, view, (await readFile(work)).view, to.name);
  return { ...migration, changed: true };
}

/** @throws {TimeFormatError} it holds a record that cannot be told the time of. */
async function readFile({ document, file, defaults }: Work): Promise<{
  readonly value: Json;
  readonly revision: string;
  readonly view: FileView;
}> {
  const { value, revision } = await document.readWithRevision();
  const view = new FileView(value as Json, shapeOf(value, file), defaults);
  const [problem] = view.problems();
  if (problem === undefined) return { value: value as Json, revision, view };
  const where = `record ${problem.index} of ${problem.taskId ?? "the list"}`;
  throw new TimeFormatError(file, `${where}: ${problem.why}`);
}

/**
 * What was made, as whoever finds it will read it.
 * @throws {TimeFormatError} it would not be told for a file of time: the name of a task means something else there.
 */
function asFound(converted: Json, file: string, defaults: TimeDefaults): FileView {
  return new FileView(converted, shapeOf(converted, file), defaults);
}

/** @throws {TimeFormatError} the journal could not be read with them. */
function checkLines(file: string, lines: readonly TimeRecord[]): void {
  for (const line of lines) {
    const fault = faultOfRecord(line);
    if (fault !== undefined) throw new TimeFormatError(file, `it does not fit into a journal: ${fault}`);
  }
}

function checkEmpty(file: string, other: string, isEmpty: boolean): void {
  if (!isEmpty) throw new TimeConflictError(`migrate ${file}`, `there is time in ${other} already`);
}

function changedMeanwhile(file: string): TimeConflictError {
  return new TimeConflictError(`migrate ${file}`, "somebody changed it while it was being worked out");
}

/** Keeps a copy of what a commit replaces. Where it replaces nothing, there is none. */
async function withCopy(work: Work, commit: () => Promise<unknown>): Promise<{ readonly backup?: string }> {
  const copy = await keepCopy(work);
  try {
    await commit();
    return copy;
  } catch (error) {
    if (copy.backup !== undefined && !(error instanceof CommitUncertainError))
      await work.store
        .document({ name: copy.backup })
        .remove()
        .catch(() => undefined); // what failed matters more
    throw error;
  }
}

async function keepCopy({ directory, file, options }: Work): Promise<{ readonly backup?: string }> {
  if (options.backup === false) return {};
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const name = `${file}.backup-${stamp}-${randomBytes(4).toString("hex")}`; // nobody else's, who may take it back
  await replaceFile(join(directory, name), (await readText(join(directory, file))) ?? "");
  return { backup: name };
}
