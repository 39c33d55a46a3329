import { isObject, faultsOfFields, schemaOf, text, type Fault, type Schema } from "../json-checks.ts";

/**
 * A machine that work can be sent to, with the five fields that Gas Town writes: always all of them, empty where unset.
 * Fields that others added are kept in the file.
 */
export interface Machine {
  /** Also its key in the file; the key wins where the two differ. */
  readonly name: string;
  /** Gas Town connects to `local` and `ssh`, and stores any other name too. */
  readonly type: MachineType;
  /** For `ssh`, where it is required: `user@host`. */
  readonly host: string;
  /** Path of the private key, for `ssh`. */
  readonly key_path: string;
  /** Where the town's root is on that machine. */
  readonly town_path: string;
}

export type MachineType = "local" | "ssh" | (string & {});

/** What `add` takes: fields that are left out are empty. */
export type NewMachine = Pick<Machine, "name" | "type"> & MachinePatch;

/** What `update` takes. A machine keeps its name: remove it and add another. */
export type MachinePatch = { readonly [K in keyof Omit<Machine, "name">]?: Machine[K] | undefined };

/** `machines.json` as it lies in the file, where fields may be missing. */
export interface MachineFile {
  version?: number;
  machines?: Record<string, StoredMachine> | null;
}

/** One machine of the file. */
export type StoredMachine = { -readonly [K in keyof Machine]?: string };

export const machineFields = ["name", "type", "host", "key_path", "town_path"] as const;

/** The one that always exists. */
export const localName = "local";
export const localMachine: Machine = { name: "local", type: "local", host: "", key_path: "", town_path: "" };

const fieldRules = Object.fromEntries(machineFields.map((field) => [field, text] as const));

/** What `machines.json` must be. Gas Town would panic on a machine that is null; here it is refused. */
export const machineFile: Schema<MachineFile> = schemaOf((value) => {
  if (!isObject(value)) return [{ message: "it must be an object", path: [] }];
  const { version, machines } = value;
  const faults: Fault[] = [];
  if (version !== undefined && typeof version !== "number")
    faults.push({ message: "version must be a number", path: ["version"] });
  if (machines === undefined || machines === null) return faults;
  if (!isObject(machines)) return [...faults, { message: "machines must be an object", path: ["machines"] }];
  for (const [name, machine] of Object.entries(machines)) {
    const path = ["machines", name];
    if (isObject(machine)) faults.push(...faultsOfFields(machine, fieldRules, path));
    else faults.push({ message: "a machine must be an object", path });
  }
  return faults;
});
