import type { DeepReadonly, Durability, Store, StoreDocument, WaitOptions } from "@flockwork/core";
import { checkObject, checkOptions, checkText } from "../arguments.ts";
import { EntryInvalidError, EntryNotFoundError } from "../errors.ts";
import { redoOnConflict } from "../redo.ts";
import {
  localMachine,
  localName,
  machineFile,
  type Machine,
  type MachineFile,
  type MachinePatch,
  type NewMachine,
  type StoredMachine,
} from "./machine.ts";
import { completed, normalized, patched, refuseUnknownFields } from "./machine-rules.ts";

/** Where the machines are, and what a change of them must survive. */
export interface MachineRegistryOptions {
  /** The document of the store. Default `"machines.json"`. */
  readonly document?: string | undefined;
  /** Default `"disk"`. Gas Town itself writes without fsync, which is `"os"`. */
  readonly durability?: Durability | undefined;
}

/** Bounds and conditions of one change. */
export interface MachineChangeOptions extends WaitOptions {
  /** Change only if the registry is at this revision: see `listWithRevision`. */
  readonly expectedRevision?: string | undefined;
}

/** All machines, and the revision they were read at. */
export interface MachineList {
  readonly machines: readonly Machine[];
  readonly revision: string;
}

/**
 * The machines of `machines.json`, shared with Gas Town's own programs: the same file, the same locks, the same rules.
 *
 * @example
 * const machines = machineRegistry(fileStore("mayor"));
 * await machines.add({ name: "builder", type: "ssh", host: "me@builder.example" });
 */
export function machineRegistry(store: Store, options: MachineRegistryOptions = {}): MachineRegistry {
  checkOptions(options);
  return new MachineRegistry(store, options);
}

/** Made by {@link machineRegistry}. Stateless but for caches: keep it or drop it. Each change reads the file again first. */
export class MachineRegistry {
  readonly #document: StoreDocument<MachineFile>;
  #listed:
    | { readonly file: DeepReadonly<MachineFile>; readonly machines: ReadonlyMap<string, Machine> }
    | undefined;

  constructor(store: Store, { document: name = "machines.json", durability }: MachineRegistryOptions) {
    this.#document = store.document({
      name,
      schema: machineFile,
      defaults: () => ({ version: 1, machines: { [localName]: { ...localMachine } } }),
      layout: "gastown",
      durability,
    });
  }

  /**
   * One machine, frozen. Without a lock; one stat while the file does not change. `local` always exists.
   * @throws {EntryNotFoundError} `ERR_ENTRY_NOT_FOUND`; else as reading a document.
   */
  async get(name: string): Promise<Machine> {
    checkText("name", name);
    const machine = this.#machines(await this.#document.read()).get(name);
    if (machine === undefined) throw new EntryNotFoundError("machine", name, this.#document.name);
    return machine;
  }

  /** All machines, by name, `local` among them. Throws as reading a document. */
  async list(): Promise<readonly Machine[]> {
    return [...this.#machines(await this.#document.read()).values()];
  }

  /** As `list`, with the revision to give as `expectedRevision` later. */
  async listWithRevision(): Promise<MachineList> {
    const { value, revision } = await this.#document.readWithRevision();
    return { machines: [...this.#machines(value).values()], revision };
  }

  /**
   * Adds a machine, or replaces the one of that name; fields of it that only others know are kept.
   * @throws {EntryInvalidError} `ERR_ENTRY_INVALID`: no name, no type, or `ssh` without a host. Else as changing a document.
   */
  async add(machine: NewMachine, options: MachineChangeOptions = {}): Promise<Machine> {
    const added = completed(machine);
    await this.#change(added.name, options, (machines) => {
      const previous = Object.hasOwn(machines, added.name) ? machines[added.name] : undefined;
      if (previous === undefined) machines[added.name] = { ...added };
      else Object.assign(previous, added);
    });
    return added;
  }

  /**
   * Changes some fields of a machine.
   * @throws {EntryNotFoundError} `ERR_ENTRY_NOT_FOUND`; {@link EntryInvalidError} `ERR_ENTRY_INVALID`: what it would become.
   * @throws {RevisionConflictError} `ERR_REVISION_CONFLICT`: not at `expectedRevision`. Else as changing a document.
   */
  async update(name: string, patch: MachinePatch, options: MachineChangeOptions = {}): Promise<Machine> {
    checkText("name", name);
    checkObject("patch", patch);
    refuseUnknownFields(patch);
    if ("name" in patch) throw new TypeError("A machine keeps its name: remove it, and add another");
    let updated: Machine | undefined;
    await this.#change(name, options, (machines) => {
      const current = Object.hasOwn(machines, name) ? machines[name] : undefined;
      if (current === undefined && name !== localName)
        throw new EntryNotFoundError("machine", name, this.#document.name);
      updated = patched(normalized(name, current ?? localMachine), patch);
      if (current === undefined) machines[name] = { ...updated };
      else Object.assign(current, updated);
    });
    return updated as unknown as Machine;
  }

  /**
   * Removes a machine.
   * @throws {EntryInvalidError} `ERR_ENTRY_INVALID`: `local` cannot be removed.
   * @throws {EntryNotFoundError} `ERR_ENTRY_NOT_FOUND`. Else as changing a document.
   */
  async remove(name: string, options: MachineChangeOptions = {}): Promise<void> {
    checkText("name", name);
    if (name === localName)
      throw new EntryInvalidError(name, "cannot remove local machine", "It stands for this machine.");
    await this.#change(name, options, (machines) => {
      if (!Object.hasOwn(machines, name)) throw new EntryNotFoundError("machine", name, this.#document.name);
      delete machines[name];
    });
  }

  async #change(
    name: string,
    options: MachineChangeOptions,
    change: (machines: Record<string, StoredMachine>) => void,
  ): Promise<void> {
    checkOptions(options);
    const { timeoutMs, signal, expectedRevision } = options;
    const recipe = (file: MachineFile): void => {
      file.version ??= 1;
      file.machines ??= {};
      change(file.machines);
    };
    const wait = { timeoutMs, signal };
    if (expectedRevision === undefined) await redoOnConflict(() => this.#document.update(recipe, wait), wait);
    else await this.#document.update(recipe, { ...wait, expectedRevision });
  }

  /** The machines of one content of the file. The same content gives the same objects. */
  #machines(file: DeepReadonly<MachineFile>): ReadonlyMap<string, Machine> {
    if (this.#listed?.file === file) return this.#listed.machines;
    const entries = Object.entries(file.machines ?? {}).map(
      ([name, machine]) => [name, normalized(name, machine)] as const,
    );
    const machines = new Map<string, Machine>(entries);
    if (!machines.has(localName)) machines.set(localName, normalized(localName, localMachine));
    const sorted = new Map([...machines].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    this.#listed = { file, machines: sorted };
    return sorted;
  }
}
