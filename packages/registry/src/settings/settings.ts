import type {
  DeepReadonly,
  DocumentReceipt,
  Durability,
  Recipe,
  Store,
  StoreDocument,
  WaitOptions,
} from "@flockwork/core";
import { checkOptions } from "../arguments.ts";
import { anyObject, type Schema } from "../json-checks.ts";
import { redoOnConflict } from "../redo.ts";
import { readPath, setPath, toPath, unsetPath, type SettingPath } from "./setting-path.ts";

/** What a settings document is. */
export interface SettingsOptions<T extends object> {
  /** Its name in the store, as `"config.json"`. */
  readonly document: string;
  /** Checks the whole value, before anything is written. Default: any JSON object. */
  readonly schema?: Schema<T> | undefined;
  /** The value of a document that is missing. Default: the empty object. */
  readonly defaults?: (() => T) | undefined;
  /** Default `"disk"`. */
  readonly durability?: Durability | undefined;
}

/** A document of settings, read and changed by path. Only its owner can read it (0600). */
export function settings<T extends object = Record<string, unknown>>(
  store: Store,
  options: SettingsOptions<T>,
): Settings<T> {
  checkOptions(options);
  return new Settings(store, options);
}

/** Made by {@link settings}. Stateless but for caches. */
export class Settings<T extends object> {
  readonly document: StoreDocument<T>;

  constructor(
    store: Store,
    { document: name, schema, defaults = () => ({}) as T, durability }: SettingsOptions<T>,
  ) {
    this.document = store.document<T>({
      name,
      schema: schema ?? (anyObject as unknown as Schema<T>),
      defaults,
      layout: "gastown",
      durability,
      mode: 0o600,
    });
  }

  /** The whole value, frozen. Throws as reading a document: what is damaged is never replaced by the defaults. */
  read(): Promise<DeepReadonly<T>> {
    return this.document.read();
  }

  /**
   * Changes a draft of the whole value. The recipe runs again, on a draft of what is there then, when a program that takes no lock
   * has written meanwhile. Throws as changing a document.
   */
  update(recipe: Recipe<T>, wait: WaitOptions = {}): Promise<DocumentReceipt<T>> {
    checkOptions(wait);
    return redoOnConflict(() => this.document.update((draft) => recipe(draft), wait), wait);
  }

  /** What stands at a path: `"editor.tabs"`, or `["editor", "tabs"]` where keys hold dots. Undefined where nothing does. */
  async get(path: SettingPath): Promise<unknown> {
    return readPath(await this.read(), toPath(path));
  }

  /**
   * Puts a value at a path; objects that are missing on the way are made.
   * @throws {SettingPathError} `ERR_SETTING_PATH`: it leads through something else. {@link DocumentInvalidError} the schema refuses
   * what the document would become. Else as changing a document.
   */
  async set(path: SettingPath, value: unknown, wait: WaitOptions = {}): Promise<void> {
    const keys = toPath(path);
    if (value === undefined)
      throw new TypeError("value must not be undefined: unset() removes what is there");
    await this.update((draft) => setPath(draft, keys, value, this.document.name), wait);
  }

  /** Removes what stands at a path. False when nothing did. Throws as `set`. */
  async unset(path: SettingPath, wait: WaitOptions = {}): Promise<boolean> {
    const keys = toPath(path);
    let removed = false;
    await this.update((draft) => {
      removed = unsetPath(draft, keys, this.document.name);
    }, wait);
    return removed;
  }
}
