import {
  fileStore,
  type FileStoreOptions,
  type Store,
  type StoreDocument,
  type StoreLog,
} from "../../src/index.ts";

export interface Round {
  round: number;
}

export interface Line extends Round {
  line: number;
}

/** Two documents, in different directories, and a log. */
export interface ThreeMembers {
  readonly store: Store;
  readonly left: StoreDocument<Round>;
  readonly right: StoreDocument<Round>;
  readonly events: StoreLog<Line>;
}

export function openThree(directory: string, options: FileStoreOptions = {}): ThreeMembers {
  const store = fileStore(directory, options);
  return {
    store,
    left: store.document<Round>({ name: "left.json" }),
    right: store.document<Round>({ name: "deeper/right.json", layout: "gastown" }),
    events: store.log<Line>({ name: "events.jsonl" }),
  };
}

/** Writes what every commit of these tests starts from. */
export async function prepareThree(directory: string, options: FileStoreOptions = {}): Promise<void> {
  const { store, left, right, events } = openThree(directory, options);
  await left.write({ round: 0 });
  await right.write({ round: 0 });
  await events.append({ round: 0, line: 0 });
  await store.close();
}

/** Which round each member is in; the log counts as many lines as it holds of round 1, divided by two. */
export async function roundsOf({ left, right, events }: ThreeMembers): Promise<number[]> {
  const lines = await events.read();
  return [
    (await left.read()).round,
    (await right.read()).round,
    lines.filter(({ round }) => round === 1).length / 2,
  ];
}
