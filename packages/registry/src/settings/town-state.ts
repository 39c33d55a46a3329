import { randomUUID } from "node:crypto";
import type { DocumentReceipt, Recipe, Store, WaitOptions } from "@flockwork/core";
import { checkText } from "../arguments.ts";
import { faultsOfFields, flag, instant, isObject, schemaOf, text, type Schema } from "../json-checks.ts";
import type { Environment } from "./directories.ts";
import { Settings, type SettingsOptions } from "./settings.ts";

/** `state.json`, as Gas Town writes it. */
export interface TownState {
  enabled: boolean;
  version: string;
  /** Eight characters. */
  machine_id: string;
  installed_at: string;
  updated_at: string;
  shell_integration?: string;
  /** `0001-01-01T00:00:00Z` means never. */
  last_doctor_run?: string;
}

/** Go's zero time: never. */
const never = "0001-01-01T00:00:00Z";
const rules = {
  enabled: flag,
  version: text,
  machine_id: text,
  installed_at: instant,
  updated_at: instant,
  shell_integration: text,
  last_doctor_run: instant,
};

const stateSchema: Schema<TownState> = schemaOf((value) =>
  isObject(value)
    ? faultsOfFields(value, rules, [], ["enabled"])
    : [{ message: "it must be an object", path: [] }],
);

/**
 * Whether Gas Town is on, and what it knows about this machine: `state.json` of `stateDirectory()`.
 *
 * @example
 * const state = townState(fileStore(stateDirectory()));
 * if (await state.isEnabled()) await state.set("shell_integration", "zsh");
 */
export function townState(
  store: Store,
  options: Partial<SettingsOptions<TownState>> = {},
): TownStateSettings {
  return new TownStateSettings(store, {
    document: "state.json",
    schema: stateSchema,
    defaults: initialState,
    ...options,
  });
}

/** Made by {@link townState}: settings that note when they were changed. */
export class TownStateSettings extends Settings<TownState> {
  override update(recipe: Recipe<TownState>, wait: WaitOptions = {}): Promise<DocumentReceipt<TownState>> {
    return super.update(async (draft) => {
      const returned = await recipe(draft);
      const next = returned ?? draft;
      next.updated_at = new Date().toISOString();
      return returned;
    }, wait);
  }

  /** `GASTOWN_DISABLED=1` before `GASTOWN_ENABLED=1` before the file; false where there is none. Throws as reading a document. */
  async isEnabled(environment: Environment = process.env): Promise<boolean> {
    if (environment["GASTOWN_DISABLED"] === "1") return false;
    if (environment["GASTOWN_ENABLED"] === "1") return true;
    return (await this.read()).enabled;
  }

  /** Switches it on, for that version of Gas Town. Throws as changing a document. */
  async enable(version: string, wait: WaitOptions = {}): Promise<void> {
    checkText("version", version);
    await this.update((state) => void Object.assign(state, { enabled: true, version }), wait);
  }

  /** Switches it off. Throws as changing a document. */
  async disable(wait: WaitOptions = {}): Promise<void> {
    await this.update((state) => void (state.enabled = false), wait);
  }
}

function initialState(): TownState {
  return {
    enabled: false,
    version: "",
    machine_id: randomUUID().slice(0, 8),
    installed_at: new Date().toISOString(),
    updated_at: never, // so that the first change is one, also where it leaves all else as it is
    last_doctor_run: never,
  };
}
