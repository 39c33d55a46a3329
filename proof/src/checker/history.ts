/** What processes did to registers, as they saw it: the matter a checker judges. */
export interface Operation {
  /** Independent registers are judged apart. */
  readonly key: string;
  readonly client: string;
  /** `update` saw a value and wrote another, in one step. `read` only saw. */
  readonly kind: "read" | "update";
  /** Monotonic time just before it began. */
  readonly begunAt: number;
  /** Monotonic time just after it was answered; Infinity when no answer came: it may take effect at any time, or never. */
  readonly endedAt: number;
  /** The value it saw; undefined when no answer came. */
  readonly saw: string | undefined;
  /** The value an update wrote. No two updates write the same. */
  readonly wrote?: string;
}

export type History = readonly Operation[];

/** The value of a register nobody has written. */
export const initialValue = "initial";

/** Splits a history by register: linearizable as a whole exactly if each part is (locality). */
export function byKey(history: History): ReadonlyMap<string, History> {
  const parts = new Map<string, Operation[]>();
  for (const operation of history) {
    const part = parts.get(operation.key);
    if (part === undefined) parts.set(operation.key, [operation]);
    else part.push(operation);
  }
  return parts;
}

/** Where a register stands once an operation has taken effect; undefined when it could not have seen what it says. */
export function apply(value: string, { kind, saw, wrote }: Operation): string | undefined {
  if (saw !== undefined && saw !== value) return undefined;
  return kind === "update" ? (wrote ?? value) : value;
}
