import { anyMark, type Model } from "../model.ts";

/** A value; null where none was written. */
export type RegisterValue = string | null;

/** What can be asked of one of several registers. */
export type RegisterInput =
  | { readonly kind: "read"; readonly key?: string }
  | { readonly kind: "write"; readonly key?: string; readonly value: string }
  /** Sees the value and replaces it in one step. */
  | { readonly kind: "update"; readonly key?: string; readonly value: string }
  /** Replaces the value if it is `expected`. */
  | {
      readonly kind: "compare-and-set";
      readonly key?: string;
      readonly expected: RegisterValue;
      readonly value: string;
    };

/** `saw`: what a read or an update saw. `done`: whether a compare-and-set took effect; of a write, true. */
export type RegisterOutput = { readonly saw: RegisterValue } | { readonly done: boolean };

/**
 * Registers that are read, written, replaced and compared-and-set. Give each write its own value: histories of unique
 * values catch most and are judged quickest.
 */
export function casRegister(
  initial: RegisterValue = null,
): Model<RegisterValue, RegisterInput, RegisterOutput> {
  return {
    name: "register",
    initial,
    keyOf: ({ key = "" }) => key,
    fingerprint: (value) => (value === null ? "" : `=${value}`),
    step: (value, input, output) => {
      if (output !== undefined && "saw" in output && output.saw !== value) return undefined;
      if (input.kind === "read") return value;
      if (input.kind !== "compare-and-set") return input.value;
      const fits = value === input.expected;
      if (output !== undefined && "done" in output && output.done !== fits) return undefined;
      return fits ? input.value : value;
    },
    leaves: (input, output) => {
      const without = input.kind === "read" || (output !== undefined && "done" in output && !output.done);
      return without ? [] : [`${input.value}`];
    },
    sees: (input, output) => {
      if (output !== undefined && "saw" in output) return [`${output.saw}`];
      if (input.kind !== "compare-and-set") return [];
      // One without an answer may be why another saw its value, and then it needs what it expected.
      return output === undefined || output.done ? [`${input.expected}`] : anyMark;
    },
    tell: (input, output) => {
      const saw = output !== undefined && "saw" in output ? tellValue(output.saw) : "?";
      if (input.kind === "read") return `read ${saw}`;
      if (input.kind === "write") return `write ${tellValue(input.value)}`;
      if (input.kind === "update") return `update ${saw} to ${tellValue(input.value)}`;
      const failed = output !== undefined && "done" in output && !output.done;
      return `set ${tellValue(input.expected)} to ${tellValue(input.value)}${failed ? ": refused" : ""}`;
    },
    tellState: (value) => `the register holds ${tellValue(value)}`,
  };
}

function tellValue(value: RegisterValue): string {
  return value === null ? "nothing" : JSON.stringify(value);
}
