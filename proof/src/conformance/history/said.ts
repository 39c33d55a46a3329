import type { DocumentInput, LogInput, MutexInput, Step } from "../../checker/library/index.ts";

/** One operation of a client, as the checker of its kind takes it. */
export type Task =
  | { readonly of: "register"; readonly input: DocumentInput & { readonly key: string } }
  | { readonly of: "log"; readonly input: LogInput }
  | { readonly of: "lists"; readonly input: readonly Step[] }
  /** The log among the lists is written anew: what that saw is judged as a transaction that reads it. */
  | { readonly of: "rewrite"; readonly input: readonly Step[] }
  | { readonly of: "lock"; readonly input: MutexInput };

/** What a client says: that it begins, how it ended, or that it certainly did not happen. */
export type Said =
  | { readonly begin: number; readonly task: Task }
  | { readonly end: number; readonly output: unknown }
  | { readonly never: number };
