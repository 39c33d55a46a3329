/** A machine that work can be sent to. All five fields are always written, empty where unset. */
export interface Machine {
  /** Also its key in the file; the key wins where the two differ. */
  readonly name: string;
  readonly type: MachineType;
  /** Required for `ssh`. */
  readonly host: string;
  readonly key_path: string;
  readonly town_path: string;
}

/** `local` always exists and cannot be removed. */
export type MachineType = "local" | "ssh";

/** `machines.json`. */
export interface MachineFile {
  readonly version: number;
  readonly machines: Readonly<Record<string, Machine>>;
}
