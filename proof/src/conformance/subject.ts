/** What a store brings along to be examined. */
import type { Clock, Store } from "./core.ts";
import type { Program } from "../harness/program.ts";

/** Makes fresh, empty places for data, one for each case. */
export interface StoreFactory {
  create(): Promise<Place>;
}

/** Where the data of one case lies. */
export interface Place {
  /** Opens the data that lies here, as a program does that starts. Each call: another store on the same data. */
  open(): Promise<Store>;
  /**
   * How another process opens it: a module that exports `openStore(argument): Store | Promise<Store>`. Or why none can.
   */
  readonly elsewhere: Elsewhere | Missing;
  /** What lies under a name, for stores that keep it as bytes of a known format. */
  readonly bytes: RawBytes | Missing;
  /** Removes everything. */
  clean(): Promise<void>;
}

export interface Elsewhere {
  readonly module: URL;
  readonly argument: string;
}

export interface RawBytes {
  /** Undefined where nothing is. */
  read(name: string): Buffer | undefined;
  write(name: string, bytes: string | Uint8Array): void;
  /** Every name there is, those of locks and quarantine too. */
  names(): readonly string[];
  /** The file of a name, if it is one. */
  pathOf?(name: string): string;
}

/** What can be done to a store from outside, or why not. */
export interface Nemesis {
  /** Kills a process that holds something, without a warning. Resolves once it is gone. */
  readonly killHolder: ((holder: Program) => Promise<void>) | Missing;
  /** Stops a process, and lets it go on. */
  readonly pauseHolder: ((holder: Program) => Promise<() => Promise<void>>) | Missing;
  /** A clock that jumps when it is told to, for leases. */
  readonly jumpClock: (() => JumpingClock) | Missing;
  /** Runs work while nothing can be written any more. */
  readonly fillDisk: (<T>(work: () => Promise<T>) => Promise<T>) | Missing;
  /** Removes what locks leave behind, while nobody holds any. */
  readonly loseLocks: ((place: Place) => void) | Missing;
  /** Watches which changes have not been made durable: the names of what would be lost if power failed now. */
  readonly seeUnsynced: (() => UnsyncedWatch) | Missing;
}

export interface JumpingClock {
  readonly clock: Clock;
  /** Lets time pass, on all clocks. */
  pass(ms: number): void;
  /** Sets the wall clock by so much, and no other. */
  jump(ms: number): void;
}

export interface UnsyncedWatch {
  now(): readonly string[];
  stop(): void;
}

/** Why something cannot be had. */
export interface Missing {
  readonly missing: string;
}

export function isMissing(what: object): what is Missing {
  return "missing" in what;
}
