import type { Store } from "@flockwork/core";
import { isObject, schemaOf, type Schema } from "../json-checks.ts";
import { Settings, type SettingsOptions } from "./settings.ts";

/** One plugin of `plugins.json`: whether it is on, and whatever else it wants to know. */
export interface PluginEntry {
  readonly enabled?: boolean;
  readonly [setting: string]: unknown;
}

const plugins: Schema<Record<string, PluginEntry>> = schemaOf((value) => {
  if (!isObject(value)) return [{ message: "it must be an object: name → plugin", path: [] }];
  return Object.entries(value).flatMap(([name, plugin]) => {
    if (!isObject(plugin)) return [{ message: "a plugin must be an object", path: [name] }];
    const { enabled } = plugin;
    const holds = enabled === undefined || typeof enabled === "boolean";
    return holds ? [] : [{ message: "enabled must be true or false", path: [name, "enabled"] }];
  });
});

/** `config.json` of `configDirectory()`: any JSON object, unless a schema of yours says more. */
export function configFile<T extends object = Record<string, unknown>>(
  store: Store,
  options: Partial<SettingsOptions<T>> = {},
): Settings<T> {
  return new Settings<T>(store, { document: "config.json", ...options });
}

/** `plugins.json` of `configDirectory()`: plugin name → its settings. */
export function pluginsFile(
  store: Store,
  options: Partial<SettingsOptions<Record<string, PluginEntry>>> = {},
): Settings<Record<string, PluginEntry>> {
  return new Settings(store, { document: "plugins.json", schema: plugins, ...options });
}
