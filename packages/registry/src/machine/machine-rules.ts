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
  checkTexts(fields);
  checkRules(fields);
  checkKey("name", name);
  return Object.freeze(fields);
}

/** What a machine becomes. What others wrote into its other fields is no fault of the change. @throws {EntryInvalidError | TypeError} */
export function patched(machine: Machine, patch: MachinePatch): Machine {
  const changes = given(patch);
  checkTexts(changes);
  const fields = { ...machine, ...changes };
  checkRules(fields);
  return Object.freeze(fields);
}

function checkTexts(fields: Partial<Machine>): void {
  for (const [field, value] of Object.entries(fields)) checkText(field, value);
}

/** Gas Town's own, in its words. */
function checkRules({ name, type, host }: Machine): void {
  const refuse = (message: string, hint: string): never => {
    throw new EntryInvalidError(name, message, hint);
  };
  if (name === "") refuse("machine name is required", "Give it a name.");
  if (type === "") refuse("machine type is required", `Give ${name} the type "local" or "ssh".`);
  if (type === "ssh" && host === "")
    refuse("ssh machine requires host", `Give ${name} a host, as user@host.`);
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
function given(patch: MachinePatch): Partial<Machine> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
