import {
  LogCorruptError,
  type Durability,
  type Store,
  type StoreLog,
  type StoreLogCursor,
} from "@flockwork/core";
import { checkWord } from "./check-questions.ts";
import { conflictMarkerOf } from "./conflict-markers.ts";
import { ConflictMarkersError } from "./errors.ts";
import { lineSchema, type IssueRecord } from "./issue-line.ts";
import { IssueState } from "./issue-state.ts";

/** What a damaged line in the file does. */
export type OnDamage =
  /** Reading and writing throw, and name the line. The default. */
  | "error"
  /** It is passed over and stays where it is, whatever is written. `doctor` tells of it. */
  | "keep";

/** Where the issues of a log lie. */
export interface IssueViewOptions {
  readonly store: Store;
  /** Name of the log in the store. */
  readonly name: string;
  readonly layout: Parameters<Store["log"]>[0]["layout"];
  readonly durability: Durability;
  readonly onDamage: OnDamage;
}

/** What the lines of an issue log add up to, brought up to date by reading what is new. */
export class IssueView {
  readonly log: StoreLog<IssueRecord>;
  /** What was read last. */
  readonly state: IssueState;
  /** How far `state` has come. */
  protected readonly cursor: StoreLogCursor<IssueRecord>;
  readonly #name: string;

  constructor({ store, name, layout, durability, onDamage }: IssueViewOptions) {
    this.#name = name;
    checkWord("onDamage", onDamage, ["error", "keep"]);
    const onCorrupt = onDamage === "keep" ? "keep" : "error";
    this.log = store.log<IssueRecord>({ name, layout, durability, onCorrupt, schema: lineSchema as never });
    this.cursor = this.log.cursor();
    this.state = new IssueState();
  }

  /** Reads what is new, without a lock. */
  async refresh(): Promise<IssueState> {
    await this.named(this.cursor.advance(this.state));
    return this.state;
  }

  /** The first line of a file that git could not merge is a marker: it has a name and a remedy of its own. */
  protected async named<R>(result: Promise<R>): Promise<R> {
    try {
      return await result;
    } catch (error) {
      if (!(error instanceof LogCorruptError)) throw error;
      const found = /"([<|=>]{7}[^"]*)/.exec(error.message)?.[1];
      if (conflictMarkerOf(found) === undefined) throw error;
      throw new ConflictMarkersError(this.#name, error.line);
    }
  }
}
