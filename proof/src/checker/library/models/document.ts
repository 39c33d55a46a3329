import { anyMark, type Model } from "../model.ts";

/** What can be asked of one of several documents. `fence` is the token of a lease: higher is later. */
export type DocumentInput =
  | { readonly kind: "read"; readonly key?: string }
  | ({ readonly kind: "change"; readonly key?: string; readonly value: string } & Conditions);

interface Conditions {
  /** Change only at this revision. It must have been learned from an answer in the history. */
  readonly expectedRevision?: string;
  readonly fence?: bigint;
}

export type DocumentOutput =
  /** `value` is null where there is no document. */
  | { readonly kind: "read"; readonly value: string | null; readonly revision: string }
  /** `saw`: the value it replaced, if it looked. */
  | { readonly kind: "changed"; readonly revision: string; readonly saw?: string | null }
  | { readonly kind: "conflict" }
  | { readonly kind: "fenced" };

interface Document {
  readonly value: string | null;
  /** Undefined while nobody has been told it. */
  readonly revision: string | undefined;
  /** The highest token shown. */
  readonly fence: bigint;
}

/** Documents with revisions that name one content each, conditional changes, and fences that remember the highest token. */
export function documentModel(initial: string | null = null): Model<Document, DocumentInput, DocumentOutput> {
  return {
    name: "document",
    initial: { value: initial, revision: undefined, fence: -1n },
    keyOf: ({ key = "" }) => key,
    fingerprint: ({ value, revision, fence }) => JSON.stringify([value, revision, `${fence}`]),
    step: (state, input, output) =>
      input.kind === "read" ? read(state, output) : change(state, input, output),
    leaves: (input, output) => {
      if (input.kind === "read" || output?.kind === "conflict" || output?.kind === "fenced") return [];
      const revision = output?.kind === "changed" ? [`revision ${output.revision}`] : [];
      const fence = input.fence === undefined ? [] : [`fence ${input.fence}`];
      return [`value ${input.value}`, ...revision, ...fence];
    },
    sees: (input, output) => {
      if (output?.kind === "read") return [`value ${output.value}`];
      if (output?.kind === "conflict" || output?.kind === "fenced") return anyMark;
      // One without an answer may be why another saw its value, and then it needs the revision it expected.
      const expected = input.kind === "change" ? input.expectedRevision : undefined;
      const saw = output?.saw === undefined ? [] : [`value ${output.saw}`];
      return expected === undefined ? saw : [...saw, `revision ${expected}`];
    },
    tell,
    tellState: ({ value, fence }) =>
      `the document is ${JSON.stringify(value)}${fence < 0n ? "" : `, token ${fence} was shown`}`,
  };
}

function read(state: Document, output: DocumentOutput | undefined): Document | undefined {
  if (output === undefined) return state;
  if (output.kind !== "read" || output.value !== state.value) return undefined;
  if (state.revision !== undefined && output.revision !== state.revision) return undefined;
  return { ...state, revision: output.revision };
}

function change(
  state: Document,
  { value, expectedRevision, fence }: Conditions & { readonly value: string },
  output: DocumentOutput | undefined,
): Document | undefined {
  const stale = fence !== undefined && fence < state.fence;
  // Nobody can expect a revision that nobody was told.
  const conflict = expectedRevision !== undefined && expectedRevision !== state.revision;
  const highest = stale || fence === undefined ? state.fence : fence;
  if (output === undefined) {
    return stale || conflict ? state : { value, revision: undefined, fence: highest };
  }
  if (output.kind === "fenced") return stale ? state : undefined;
  if (output.kind === "conflict") return conflict ? state : undefined;
  if (output.kind !== "changed" || stale || conflict) return undefined;
  if (output.saw !== undefined && output.saw !== state.value) return undefined;
  return { value, revision: output.revision, fence: highest };
}

function tell(input: DocumentInput, output: DocumentOutput | undefined): string {
  if (input.kind === "read") {
    return output?.kind === "read" ? `read ${JSON.stringify(output.value)} at ${output.revision}` : "read ?";
  }
  const { value, expectedRevision, fence } = input;
  const saw = output?.kind === "changed" && output.saw !== undefined ? ` ${JSON.stringify(output.saw)}` : "";
  const at = expectedRevision === undefined ? "" : ` at ${expectedRevision}`;
  const token = fence === undefined ? "" : ` with token ${fence}`;
  const answer =
    output === undefined ? "" : output.kind === "changed" ? `, now ${output.revision}` : `: ${output.kind}`;
  return `change${saw} to ${JSON.stringify(value)}${at}${token}${answer}`;
}
