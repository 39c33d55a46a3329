import type { LayoutName, LockOptions } from "@flockwork/core";
import { type CommandOption, type Request, UsageError } from "./command.ts";

const layouts: readonly LayoutName[] = ["sidecar", "gastown", "flowforge", "jit", "todo2", "beads"];

export const layoutOption: CommandOption = {
  type: "string",
  short: "l",
  says: `which tools must be kept out: ${layouts.join(", ")} (default sidecar)`,
};

export const timeoutOption: CommandOption = {
  type: "string",
  short: "t",
  says: "seconds to wait for the lock (default 30; 0 tries once; inf waits)",
};

export const nonBlockOption: CommandOption = {
  type: "boolean",
  short: "n",
  says: "try once, as --timeout 0",
};

/** @throws {UsageError} naming the option that is wrong. */
export function layoutOf({ values }: Request): LayoutName {
  const given = values["layout"] ?? "sidecar";
  const known = layouts.find((name) => name === given);
  if (known === undefined) throw new UsageError(`--layout must be one of ${layouts.join(", ")}`);
  return known;
}

/** @throws {UsageError} naming the option that is wrong. */
export function lockOptionsOf(request: Request): LockOptions {
  const layout = layoutOf(request);
  const { timeout, nonblock } = request.values;
  if (nonblock === true) return { layout, timeoutMs: 0 };
  if (timeout === undefined) return { layout };
  const seconds = timeout === "inf" ? Infinity : Number(timeout);
  if (timeout === "" || !(seconds >= 0))
    throw new UsageError("--timeout must be a number of seconds, 0 or more, or inf");
  return { layout, timeoutMs: seconds * 1_000 };
}
