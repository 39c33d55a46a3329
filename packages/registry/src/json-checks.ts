/** What schemas of this package are made of. They check what matters here and accept whatever else there is. */
import type { DocumentSpec } from "@flockwork/core";

/** A Standard Schema, as documents take it. */
export type Schema<T> = NonNullable<DocumentSpec<T>["schema"]>;

/** One thing that is wrong with a value. */
export interface Fault {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

/** A schema made of a function that finds faults. */
export function schemaOf<T>(faultsOf: (value: unknown) => readonly Fault[]): Schema<T> {
  return {
    "~standard": {
      version: 1,
      vendor: "flockwork",
      validate: (value) => {
        const issues = faultsOf(value);
        return issues.length === 0 ? { value: value as T } : { issues };
      },
    },
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema of what may be any JSON object. */
export const anyObject: Schema<Record<string, unknown>> = schemaOf((value) =>
  isObject(value) ? [] : [{ message: "it must be an object", path: [] }],
);

/** What a field must be, in words, and the test for it. */
export type FieldRule = readonly [what: string, holds: (value: unknown) => boolean];

export const text: FieldRule = ["a string", (value) => typeof value === "string"];
export const flag: FieldRule = ["true or false", (value) => typeof value === "boolean"];
export const object: FieldRule = ["an object", isObject];
export const texts: FieldRule = [
  "an array of strings",
  (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
];
export const amount: FieldRule = [
  "a number of 0 or more",
  (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
];
export const pid: FieldRule = ["a process id", (value) => Number.isSafeInteger(value) && Number(value) > 0];
export const instant: FieldRule = [
  "an ISO 8601 instant",
  (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
];

/** The faults of an object's fields. Fields that are missing are faults only when `required`. */
export function faultsOfFields(
  value: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, FieldRule>>,
  path: readonly (string | number)[],
  required: readonly string[] = [],
): readonly Fault[] {
  const faults: Fault[] = [];
  for (const field in rules) {
    const found = value[field];
    if (found === undefined && !required.includes(field)) continue;
    const [what, holds] = rules[field] as FieldRule;
    if (!holds(found)) faults.push({ message: `${field} must be ${what}`, path: [...path, field] });
  }
  return faults;
}
