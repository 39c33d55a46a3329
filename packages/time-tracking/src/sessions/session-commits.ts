import { instantOf, type DocumentDraft, type StoreMembers, type WaitOptions } from "@flockwork/core";
import { TimeNotFoundError } from "../errors.ts";
import type { TimeTracking } from "../time-tracking.ts";
import { Board } from "../timers/board.ts";
import { requireSession, sessionOf } from "./find-session.ts";
import type { SessionFiles } from "./session-files.ts";
import type { SessionCallOptions } from "./session-options.ts";
import type { ActiveSession, ActiveSessionsFile } from "./session.ts";

/** The documents of a commit, by the names of its members. */
export type LooseDrafts = Readonly<Record<string, unknown>>;
/** What is read is the frozen value: what a draft holds must not get into another document. */
export type SessionsDraft = DocumentDraft<ActiveSessionsFile>;
type Work<R> = (board: Board, sessions: SessionsDraft, drafts: LooseDrafts) => R | Promise<R>;

/** Changes sessions and their timers, in one commit each. */
export class SessionCommits {
  readonly files: SessionFiles;
  readonly #time: TimeTracking;

  constructor(time: TimeTracking, files: SessionFiles) {
    this.#time = time;
    this.files = files;
  }

  now(): string {
    return new Date(instantOf(this.#time.clock).wallMs).toISOString();
  }

  async get(sessionId: string): Promise<ActiveSession | undefined> {
    return sessionOf(await this.files.active.read(), sessionId);
  }

  /** Notes that the timer of a session lives: whoever recovers timers knows nothing of sessions. */
  async beat(sessionId: string): Promise<void> {
    const { timers } = await this.#time.view();
    const timer = timers.find((each) => each.sessionId === sessionId && each.state === "running");
    if (timer !== undefined) await this.#time.signs.beat(timer.id, timers);
  }

  /** Changes a session that is open, and what hangs on it. */
  async touch(
    what: string,
    sessionId: string,
    options: SessionCallOptions,
    work: (session: ActiveSession, board: Board, file: ActiveSessionsFile) => ActiveSession,
  ): Promise<ActiveSession> {
    const known = await this.get(sessionId);
    if (known === undefined) throw new TimeNotFoundError(what, sessionId);
    return this.change(what, known, options, (board, file) => {
      const session = requireSession(what, file.value, sessionId, options);
      const changed = { ...work(session, board, file.value as ActiveSessionsFile), lastActivity: this.now() };
      file.draft.sessions[sessionId] = changed;
      return changed;
    });
  }

  /** Makes the session that comes of it the current one. */
  change(
    what: string,
    session: ActiveSession,
    wait: WaitOptions,
    work: (board: Board, file: SessionsDraft) => ActiveSession,
  ): Promise<ActiveSession> {
    return this.run(what, this.files.members(session), wait, (board, file, drafts) => {
      const changed = work(board, file);
      this.files.note(drafts, changed, true);
      return changed;
    });
  }

  /** The book and these members, in one commit. */
  async run<R>(what: string, members: StoreMembers, wait: WaitOptions, work: Work<R>): Promise<R> {
    const { book, store } = this.#time;
    const { value } = await store.transact(
      { ...book.members, ...members } as StoreMembers,
      async (typed) => {
        const drafts = typed as LooseDrafts;
        const open = await book.open(drafts);
        const board = new Board(open.view, await this.#time.rules());
        const file = drafts["sessions"] as SessionsDraft;
        const { value: outcome, finish } = board.begin(what, undefined, () => work(board, file, drafts));
        const done = await outcome;
        const record = finish();
        if (record.changes.length > 0) open.write([record]);
        return done;
      },
      waitOf(wait),
    );
    return value;
  }
}

/** Without whatever else the options of a call say. */
export function waitOf({ timeoutMs, signal }: WaitOptions): WaitOptions {
  return { timeoutMs, signal };
}
