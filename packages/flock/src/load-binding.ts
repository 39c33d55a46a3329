import { env, platform } from "node:process";

import type { BindingName, FlockBinding } from "./binding.ts";
import { loadAddon } from "./bindings/addon.ts";
import { loadFlockCommand } from "./bindings/flock-command.ts";
import { loadFsExt } from "./bindings/fs-ext.ts";
import { loadKoffi } from "./bindings/koffi.ts";
import { type FailedBinding, FlockUnavailableError } from "./errors.ts";

/** Options of {@link loadBinding}. */
export interface LoadBindingOptions {
  /**
   * Use this binding or fail. Default: what the environment variable `FLOCKWORK_FLOCK_BINDING` names, else the
   * first of addon, koffi, fs-ext and flock-command that works.
   */
  readonly binding?: BindingName | undefined;
}

const variable = "FLOCKWORK_FLOCK_BINDING";

interface Candidate {
  readonly load: () => FlockBinding;
  readonly advice: string;
}

/** In the order they are tried. */
const candidates: Readonly<Record<BindingName, Candidate>> = {
  addon: { load: loadAddon, advice: "npm install koffi" },
  koffi: { load: loadKoffi, advice: "npm install koffi" },
  "fs-ext": { load: loadFsExt, advice: "npm install fs-ext && npm rebuild fs-ext --ignore-scripts=false" },
  "flock-command": { load: loadFlockCommand, advice: "apt-get install util-linux" },
};

const names = Object.keys(candidates) as readonly BindingName[];
const loaded = new Map<BindingName, FlockBinding>();
let latest: BindingName | undefined;

/**
 * Finds a way to call flock(2). All bindings take the same kernel lock, so processes with different ones exclude
 * each other. Found once, then remembered.
 *
 * @param options.binding - Forces one binding. Default: `FLOCKWORK_FLOCK_BINDING`, else the first that works.
 * @throws {FlockUnavailableError} `ERR_FLOCK_UNAVAILABLE` — no binding works; the message names the command that
 *   fixes it. Nothing was locked.
 * @throws {RangeError} The option or the environment variable names no binding.
 * @example
 * const flock = loadBinding();
 * const fd = openSync("state.json.lock", constants.O_CREAT | constants.O_RDWR);
 * if (flock.tryLock(fd, "exclusive")) flock.unlock(fd);
 */
export function loadBinding(options: LoadBindingOptions = {}): FlockBinding {
  const forced = forcedBinding(options);
  const failures: FailedBinding[] = [];
  for (const name of forced === undefined ? names : [forced]) {
    const binding = loaded.get(name) ?? attempt(name, failures);
    if (binding === undefined) continue;
    loaded.set(name, binding);
    latest = name;
    return binding;
  }
  throw new FlockUnavailableError(failures, adviceFor(forced ?? "koffi"));
}

/** The binding that {@link loadBinding} returned last in this thread; undefined before the first success. */
export function bindingInUse(): BindingName | undefined {
  return latest;
}

function adviceFor(name: BindingName): string {
  if (platform === "win32") return "run it in WSL or a container, for Windows has no flock";
  return candidates[name].advice;
}

function forcedBinding(options: LoadBindingOptions): BindingName | undefined {
  if (options.binding !== undefined) return checkName(options.binding, "options.binding");
  const named = env[variable];
  return named === undefined || named === "" ? undefined : checkName(named, variable);
}

function checkName(name: string, origin: string): BindingName {
  const known = names.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new RangeError(`${origin} is ${JSON.stringify(name)}, but must be one of ${names.join(", ")}`);
}

function attempt(name: BindingName, failures: FailedBinding[]): FlockBinding | undefined {
  try {
    return candidates[name].load();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.push({ binding: name, reason: reason.replaceAll(/\s*\n\s*/g, " ") });
    return undefined;
  }
}
