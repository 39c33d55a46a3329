import { commitReplacement, commitReplacementSync } from "../atomic/commit-replacement.ts";
import type { FileLock } from "../lock/file-lock.ts";
import type { ContentCache, ReadLimits } from "./content-cache.ts";
import { DocumentBatch, receiptOf } from "./document-batch.ts";
import type { QueuedJob } from "./document-queue.ts";
import { settled, type Steps } from "./steps.ts";
import type { IntegerMode } from "./text/json-source.ts";

/** A document whose lock is held. */
export interface LockedDocument {
  readonly lock: FileLock;
  readonly cache: ContentCache;
  readonly integers: IntegerMode;
  /** Whether the caller can wait for promises. */
  readonly mayWait: boolean;
}

/**
 * Applies jobs to the content under the lock and commits what they made of it, once. Returns what is to be told to whom,
 * so that callers go on when the lock is free; never throws.
 */
export function* performJobs(document: LockedDocument, jobs: readonly QueuedJob[]): Steps<(() => void)[]> {
  const { lock, cache, integers, mayWait } = document;
  const settle: (() => void)[] = [];
  let batch: DocumentBatch<QueuedJob>;
  try {
    const state = yield* cache.load(lock.targetPath, widestLimits(jobs), mayWait);
    batch = new DocumentBatch(lock.targetPath, state, integers);
  } catch (error) {
    return jobs.filter((queued) => queued.begin()).map((queued) => () => queued.reject(error));
  }
  for (const queued of jobs) {
    if (!queued.begin()) continue;
    try {
      yield* batch.apply(queued, queued.job);
    } catch (error) {
      settle.push(() => queued.reject(error));
    }
  }
  const failure = yield* commit(document, batch);
  const { durability } = batch;
  let lost = false;
  for (const applied of batch.applied) {
    const { subject, job, changed } = applied;
    // What was read before the first change that was lost is true all the same.
    lost ||= changed && failure !== undefined;
    if (lost) settle.push(() => subject.reject(failure?.error));
    else settle.push(() => subject.resolve(receiptOf(applied, changed ? durability : job.rules.durability)));
  }
  return settle;
}

/** Makes the outcome of a batch the content of the file. Returns why it could not. */
function* commit(
  { lock, cache, mayWait }: LockedDocument,
  batch: DocumentBatch<QueuedJob>,
): Steps<{ readonly error: unknown } | undefined> {
  try {
    const { outcome, durability, mode } = batch;
    if (outcome?.bytes === undefined) return undefined;
    const options = { durability, mode };
    if (mayWait) yield* settled(commitReplacement(lock, outcome.bytes, options));
    else commitReplacementSync(lock, outcome.bytes, options);
    cache.adopt(lock.targetPath, outcome);
    return undefined;
  } catch (error) {
    cache.drop();
    return { error };
  }
}

/** A read that serves the most generous of them; each is then held to its own rules. */
function widestLimits(jobs: readonly QueuedJob[]): ReadLimits {
  return {
    maxBytes: Math.max(...jobs.map(({ job }) => job.rules.maxBytes)),
    maxDepth: Math.max(...jobs.map(({ job }) => job.rules.maxDepth)),
  };
}
