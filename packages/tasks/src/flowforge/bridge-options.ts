/** What FlowForge's commands say to its provider bridge: `<action> --name=value …`. */

const texts = [
  "title",
  "description",
  "status",
  "priority",
  "assignee",
  "milestone",
  "size",
  "type",
  "source",
];
const numbers = ["estimatedHours", "actualHours", "githubIssue"];
const lists = ["labels", "tags"];
const general = ["id", "format", "provider", "debug", "user"];
const others = ["dependencies", "query", "include-parallel", "session", "instance"];
const known = new Set([...texts, ...numbers, ...lists, ...general, ...others]);

/** A command, taken apart. */
export interface BridgeCommand {
  readonly action: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Why a command was not carried out, as the bridge says it. */
export class BridgeRefusal extends Error {}

/** @throws {BridgeRefusal} */
export function parseBridgeCommand(args: readonly string[]): BridgeCommand {
  const [action = "", ...rest] = args;
  const options = new Map<string, string>();
  for (const arg of rest) {
    const parts = /^--([a-z][A-Za-z-]*)(?:=([^]*))?$/.exec(arg);
    if (parts?.[1] === undefined) throw new BridgeRefusal(`Expected --name=value, got ${arg}`);
    if (!known.has(parts[1])) throw new BridgeRefusal(`Unknown option --${parts[1]}`);
    options.set(parts[1], parts[2] ?? "true");
  }
  return { action, options };
}

/** The fields of a task that a command sets. @throws {BridgeRefusal} an option is none, or has no such value. */
export function fieldsOf({ options }: BridgeCommand): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of options) {
    if (general.includes(name)) continue;
    if (texts.includes(name)) fields[name] = value;
    else if (lists.includes(name)) fields[name] = listOf(value);
    else if (name === "dependencies") fields[name] = listOf(value).map(idOf);
    else if (numbers.includes(name)) fields[name] = numberOf(name, value);
    else throw new BridgeRefusal(`--${name} is no field of a task`);
  }
  return fields;
}

/** Digits are a whole number, as FlowForge's own files have them. */
export function idOf(text: string): number | string {
  return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new BridgeRefusal(`--${name} must be a number, got ${text}`);
  return value;
}
