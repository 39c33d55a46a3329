import type { Store, StoreDocument, WaitOptions } from "@flockwork/core";
import { TaskNotFoundError } from "../errors.ts";
import { faultOfChecker } from "./checker.ts";
import { openGates } from "./edit-issue.ts";
import { gatesOf, names } from "./files.ts";
import type { JitGate, JitIssue } from "./issue.ts";

const fresh = { version: 1, description: "", stage: "postcheck", mode: "manual" } as const;
/** Of a gate that names none, or none that is a number. */
const usualPriority = 100;

function priorityOf({ priority }: JitGate): number {
  const known: unknown = priority; // another program may have written anything
  return typeof known === "number" ? known : usualPriority;
}

/** The gates of a repository as `gates.json` defines them. */
export class GateDefinitions {
  readonly #document: StoreDocument<{ gates: Record<string, JitGate> }>;

  constructor(store: Store) {
    this.#document = gatesOf(store);
  }

  async list(): Promise<readonly JitGate[]> {
    return Object.values(await this.#gates());
  }

  /** @throws {TaskNotFoundError} no such gate is defined. */
  async find(key: string, attempt: string): Promise<JitGate> {
    checkGateName(key);
    const gates = await this.#gates();
    const gate = Object.hasOwn(gates, key) ? gates[key] : undefined;
    if (gate !== undefined) return gate;
    throw new TaskNotFoundError(`${attempt} the gate ${key}`, key, names.gates, "Define it first.");
  }

  /** Those of the keys that are defined, the first to be checked first. */
  async ordered(keys: readonly string[]): Promise<readonly JitGate[]> {
    const gates = await this.#gates();
    const found = keys.flatMap((key) => (Object.hasOwn(gates, key) ? [gates[key] as JitGate] : []));
    return found.toSorted((a, b) => priorityOf(a) - priorityOf(b));
  }

  /** @throws {TypeError} naming what jit could not read: then it could read no gate any more. */
  async define(key: string, fields: Partial<JitGate>, options: WaitOptions): Promise<JitGate> {
    if (typeof key !== "string" || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(key))
      throw new TypeError("key must be a name, such as code-review");
    checkGate(fields);
    const { value } = await this.#document.update((draft) => {
      const known = Object.hasOwn(draft.gates, key) ? draft.gates[key] : undefined;
      draft.gates[key] = { ...(known ?? { ...fresh, title: key }), ...given(fields), key };
    }, options);
    return value.gates[key] as JitGate;
  }

  /** Gates that an issue must pass before it is begun, and has not. */
  async openPrechecks(issue: Pick<JitIssue, "gates_required" | "gates_status">): Promise<readonly string[]> {
    const open = openGates(issue);
    if (open.length === 0) return open;
    const gates = await this.#gates();
    return open.filter((key) => Object.hasOwn(gates, key) && gates[key]?.stage === "precheck");
  }

  async #gates(): Promise<Readonly<Record<string, JitGate>>> {
    const { gates } = await this.#document.read();
    return Object.fromEntries(
      Object.entries(gates).map(([key, gate]) => [key, { ...(gate as JitGate), key }]), // whatever key it gives itself
    );
  }
}

/** A gate to look for: there may be odd names in the file, but no other types. @throws {TypeError} */
export function checkGateName(gate: unknown): void {
  if (typeof gate !== "string")
    throw new TypeError(`gate must be a string, got ${gate === null ? "null" : typeof gate}`);
}

function checkGate({ version, title, description, stage, mode, checker, priority }: Partial<JitGate>): void {
  for (const [name, text] of Object.entries({ title, description }))
    if (text !== undefined && typeof text !== "string") throw new TypeError(`${name} must be a string`);
  for (const [name, count] of Object.entries({ version, priority }))
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0))
      throw new TypeError(`${name} must be a whole number`);
  if (stage !== undefined && stage !== "precheck" && stage !== "postcheck")
    throw new TypeError("stage must be precheck or postcheck");
  if (mode !== undefined && mode !== "manual" && mode !== "auto")
    throw new TypeError("mode must be manual or auto");
  const fault = checker === undefined ? undefined : faultOfChecker(checker);
  if (fault !== undefined) throw new TypeError(`checker: ${fault}`);
}

function given(fields: Partial<JitGate>): Partial<JitGate> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
