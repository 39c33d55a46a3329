import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Variables of an environment, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Gas Town keeps its state: `$XDG_STATE_HOME/gastown`, or `~/.local/state/gastown`. Nothing is made. */
export function stateDirectory(environment: Environment = process.env): string {
  return directoryOf(environment, "XDG_STATE_HOME", [".local", "state"]);
}

/** Where Gas Town keeps its configuration: `$XDG_CONFIG_HOME/gastown`, or `~/.config/gastown`. Nothing is made. */
export function configDirectory(environment: Environment = process.env): string {
  return directoryOf(environment, "XDG_CONFIG_HOME", [".config"]);
}

/** The XDG rules tell to ignore a path that is not absolute. */
function directoryOf(environment: Environment, variable: string, below: readonly string[]): string {
  const base = absolute(environment[variable]);
  return join(base ?? join(absolute(environment["HOME"]) ?? homedir(), ...below), "gastown");
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
