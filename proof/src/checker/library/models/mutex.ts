import { anyMark, type Model } from "../model.ts";

/** What can be asked of one of several locks. `owner` names one grant, or one attempt at one: never use it twice. */
export type MutexInput =
  | { readonly kind: "acquire"; readonly key?: string; readonly owner: string }
  | { readonly kind: "release"; readonly key?: string; readonly owner: string }
  /** The owner's death, or the end of its lease: frees the lock if it holds it. Give it no answer and the time of death. */
  | { readonly kind: "end"; readonly key?: string; readonly owner: string };

/** Of an acquire: whether it was granted, and its fencing token, if there are any. Of a release: whether it did release. */
export interface MutexOutput {
  readonly done: boolean;
  readonly token?: bigint;
}

interface Mutex {
  readonly holder: string | undefined;
  /** The highest token granted. */
  readonly token: bigint;
}

/** Locks with one holder at a time, whose fencing tokens only grow. */
export function mutex(): Model<Mutex, MutexInput, MutexOutput> {
  return {
    name: "lock",
    initial: { holder: undefined, token: -1n },
    keyOf: ({ key = "" }) => key,
    fingerprint: ({ holder, token }) => `${token} ${holder ?? ""}`,
    step: (state, { kind, owner }, output) => {
      const done = output?.done;
      if (kind !== "acquire") {
        const holds = state.holder === owner;
        if (kind === "release" && done !== undefined && done !== holds) return undefined;
        return holds ? { ...state, holder: undefined } : state;
      }
      const free = state.holder === undefined;
      if (done !== undefined && done !== free) return undefined;
      if (!free) return state;
      const token = output?.token;
      if (token !== undefined && token <= state.token) return undefined;
      return { holder: owner, token: token ?? state.token };
    },
    leaves: ({ kind, owner }, output) => {
      if (output?.done === false) return [];
      return kind === "acquire" ? [`held by ${owner}`] : [`freed by ${owner}`];
    },
    // A refused acquire needs somebody who held the lock; a refused release somebody who took it away.
    sees: ({ kind, owner }, output) => {
      if (output?.done === false) return anyMark;
      return kind === "release" && output !== undefined ? [`held by ${owner}`] : [];
    },
    bundleOf: ({ owner }) => owner,
    tell: ({ kind, owner }, output) => {
      const token = output?.token === undefined ? "" : `, token ${output.token}`;
      const what = kind === "end" ? `${owner} ends` : `${kind} by ${owner}`;
      return `${what}${output?.done === false ? ": refused" : token}`;
    },
    tellState: ({ holder }) => (holder === undefined ? "the lock is free" : `${holder} holds the lock`),
  };
}
