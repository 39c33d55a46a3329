import { compactQueue, isWorthCompacting } from "./compact-queue.ts";
import {
  cancel,
  drain,
  checkScope,
  pause,
  redrive,
  schedule,
  setLimits,
  unschedule,
  type PauseScope,
} from "./decide/control-queue.ts";
import type { Decide } from "./decide/decision.ts";
import { fireSchedules } from "./decide/fire-schedules.ts";
import { checkLimits, type QueueLimits } from "./limits.ts";
import { QueueView } from "./queue-view.ts";
import { checkSchedule, type ScheduleDefinition } from "./schedule-definition.ts";

/** What is done to a queue as a whole, and to jobs that nobody is working on. */
export class QueueControl<Payload, Result> extends QueueView<Payload, Result> {
  #compacting: Promise<void> | undefined;

  /**
   * Gives dead or cancelled jobs a new life, as if they had not been tried. Without ids: every dead letter.
   * @throws {JobNotFoundError | JobStateError | DuplicateJobError} for the first that cannot be; those before it were.
   */
  async redrive(ids?: readonly string[]): Promise<readonly string[]> {
    if (ids !== undefined && !Array.isArray(ids)) throw new TypeError("ids must be an array");
    const chosen = ids ?? (await this.deadLetters()).map(({ id }) => id);
    await Promise.all(chosen.map((id) => this.change((decisions) => redrive(decisions, id))));
    return chosen;
  }

  /** Ends a job that is not over. A worker that runs it is told with its next renewal. @throws {JobNotFoundError | JobStateError} */
  cancel(id: string, reason?: string): Promise<void> {
    return this.change((decisions) => cancel(decisions, id, reason));
  }

  /** Suspends claims: of the whole queue, of one limit key, or of one group. Jobs that run go on. */
  async pause(scope: PauseScope = {}): Promise<void> {
    const checked = checkScope(scope);
    await this.change((decisions) => pause(decisions, checked, true));
  }

  /** Ends a pause of the same scope; of the whole queue, also a draining. */
  async resume(scope: PauseScope = {}): Promise<void> {
    const checked = checkScope(scope);
    await this.change((decisions) => pause(decisions, checked, false));
  }

  /** Refuses new jobs from now on, in every process, and resolves when no live job is left. `resume` ends it. */
  async drain({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.change(drain);
    const { doorbell } = this.engine;
    const aborted = signal ?? new AbortController().signal;
    const leave = doorbell.attend();
    try {
      for (;;) {
        aborted.throwIfAborted();
        const rung = doorbell.rings;
        const live = await this.engine.look(
          ({ counts }) => counts.waiting + counts.claimed + counts.delayed + counts.blocked,
        );
        if (live === 0) return;
        await doorbell.wait(1_000, aborted, rung);
      }
    } finally {
      await leave();
    }
  }

  /** Sets the limits that every process keeps. What is left out is not limited. */
  async setLimits(limits: QueueLimits): Promise<void> {
    const checked = checkLimits(limits);
    await this.change((decisions) => setLimits(decisions, checked));
  }

  /** Enqueues a job at every instant of a cron expression, from now on, once whoever runs. A schedule of that name is replaced. */
  async schedule(definition: ScheduleDefinition & { readonly payload: Payload }): Promise<void> {
    const checked = checkSchedule(definition);
    await this.change((decisions) => schedule(decisions, checked));
  }

  /** Ends a schedule. What it has enqueued stays. */
  unschedule(name: string): Promise<void> {
    return this.change((decisions) => unschedule(decisions, name));
  }

  /** Enqueues what schedules have due. Workers do it by themselves. */
  tick(): Promise<void> {
    return this.engine.enqueue(fireSchedules);
  }

  /** Drops ended jobs beyond the retention, and their events. It happens by itself when there are enough of them. */
  async compact(): Promise<void> {
    const { retention, clock } = this.settings;
    this.#compacting ??= compactQueue(this.engine, retention, () =>
      new Date(clock.now()).toISOString(),
    ).finally(() => {
      this.#compacting = undefined;
    });
    await this.#compacting;
  }

  /** What goes on in the background. @internal */
  protected async settled(): Promise<void> {
    await this.engine.idle();
    await this.#compacting?.catch(() => {});
  }

  /** @internal */
  protected async change<R>(decide: Decide<R>): Promise<R> {
    let isWorthIt = false;
    const value = await this.engine.change((decisions) => {
      isWorthIt = isWorthCompacting(decisions.state, this.settings.retention);
      return decide(decisions);
    });
    // In the background, and only now that no lock is held: what goes wrong with it goes wrong again for whoever needs the file.
    if (isWorthIt) this.compact().catch(() => {});
    return value;
  }
}
