import type { DeepReadonly } from "@flockwork/core";
import { checkKey, checkObject, checkText } from "../arguments.ts";
import { EntryInvalidError } from "../errors.ts";
import {
  machineFields,
  type Machine,
  type MachinePatch,
  type NewMachine,
  type StoredMachine,
} from "./machine.ts";

/** The five fields as Gas Town reads them: the key is the name, what is missing is empty. */
export function normalized(name: string, machine: DeepReadonly<StoredMachine>): Machine {
  const { type = "", host = "", key_path = "", town_path = "" } = machine;
  return Object.freeze({ name, type, host, key_path, town_path });
}

/** A machine that may be stored, with Gas Town's own checks and words. @throws {EntryInvalidError | TypeError} */
export function completed(machine: Partial<NewMachine>): Machine {
  checkObject("machine", machine);
  refuseUnknownFields(machine);
  const { name = "", type = "", host = "", key_path = "", town_path = "" } = machine;
  const fields = { name, type, host, key_path, town_path };
  for (const field of machineFields) checkText(field, fields[field]);
  const refuse = (message: string, hint: string): never => {
    throw new EntryInvalidError(name, message, hint);
  };
  if (name === "") refuse("machine name is required", "Give it a name.");
  if (type === "") refuse("machine type is required", `Give ${name} the type "local" or "ssh".`);
  if (type === "ssh" && host === "")
    refuse("ssh machine requires host", `Give ${name} a host, as user@host.`);
  checkKey("name", name);
  return Object.freeze(fields);
}

/** What would not be stored must not seem to be. @throws {TypeError} naming the field. */
export function refuseUnknownFields(machine: object): void {
  const unknown = Object.keys(machine).find((field) => !machineFields.includes(field as keyof Machine));
  if (unknown !== undefined)
    throw new TypeError(
      `A machine has no field ${JSON.stringify(unknown)}: its fields are ${machineFields.join(", ")}`,
    );
}

/** Without the fields that are undefined. */
export function given(patch: MachinePatch): Partial<Machine> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
