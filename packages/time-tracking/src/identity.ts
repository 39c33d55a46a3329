/** Who works here, by FlowForge's rules. */
import { hostname, userInfo } from "node:os";

type Environment = Readonly<Record<string, string | undefined>>;

/** A name that can be a part of a path: what is left of it without `..`, `/` and whatever is no letter, digit, `_` or `-`. */
export function sanitizeDeveloperId(name: string): string {
  if (typeof name !== "string") throw new TypeError(`developerId must be a string, got ${typeof name}`);
  const cleaned = name
    .replaceAll("..", "")
    .replaceAll(/[^A-Za-z0-9_-]/g, "")
    .slice(0, 50);
  return cleaned === "" ? "developer" : cleaned;
}

/** `FLOWFORGE_DEV_ID`, else `USER`, else who the system says it is, else `USERNAME`; sanitised. */
export function developerId(environment: Environment = process.env): string {
  const name =
    environment["FLOWFORGE_DEV_ID"] || environment["USER"] || systemUser() || environment["USERNAME"] || "";
  return sanitizeDeveloperId(name);
}

/** `CLAUDE_INSTANCE_ID`, else `user@host:pid:epoch`. The same for as long as the process lives. */
export function instanceId(environment: Environment = process.env): string {
  const given = environment["CLAUDE_INSTANCE_ID"];
  if (given !== undefined && given !== "") return given.slice(0, 200);
  const bornAt = Math.floor(performance.timeOrigin / 1_000);
  return `${developerId(environment)}@${hostname()}:${process.pid}:${bornAt}`;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
