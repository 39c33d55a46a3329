import { type DocumentSpec } from "../core.ts";
import { counter, deepEqual, equal, refuses, type Count, type StoreCase } from "../case.ts";

/** Accepts counts of 0 or more. */
const naturalCount: NonNullable<DocumentSpec<Count>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "proof",
    validate: (value) => {
      const { count } = (value ?? {}) as Partial<Count>;
      if (typeof count === "number" && count >= 0) return { value: value as Count };
      return { issues: [{ message: "count must be 0 or more", path: ["count"] }] };
    },
  },
};

/** What a schema refuses is neither read nor written. */
export const schemaCases: readonly StoreCase[] = [
  {
    promise: "errors",
    name: "a value that its schema refuses is not written, and the error tells where",
    async run({ store }) {
      const document = store.document({
        name: "count.json",
        schema: naturalCount,
        defaults: () => ({ count: 0 }),
      });
      await document.write({ count: 1 });
      const error = await refuses(() => document.write({ count: -1 }), "ERR_DOCUMENT_INVALID");
      deepEqual("issues" in error && (error.issues as { path: unknown }[])[0]?.path, ["count"]);
      await refuses(() => document.update((draft) => void (draft.count = -1)), "ERR_DOCUMENT_INVALID");
      deepEqual(await document.read(), { count: 1 });
    },
  },
  {
    promise: "errors",
    name: "a stored value that the schema refuses is not read, and not overwritten by an update",
    async run({ store }) {
      await counter(store).write({ count: -1 });
      const document = store.document({
        name: "count.json",
        schema: naturalCount,
        defaults: () => ({ count: 0 }),
      });
      await refuses(() => document.read(), "ERR_DOCUMENT_INVALID");
      await refuses(() => document.update((draft) => void (draft.count -= 1)), "ERR_DOCUMENT_INVALID");
      deepEqual(await counter(store).read(), { count: -1 });
    },
  },
  {
    promise: "errors",
    name: "a record that its schema refuses is not appended",
    async run({ store }) {
      const log = store.log({ name: "counts.jsonl", schema: naturalCount });
      await log.append({ count: 1 });
      const error = await refuses(() => log.appendMany([{ count: 2 }, { count: -1 }]), "ERR_RECORD_INVALID");
      equal("index" in error && error.index, 1);
      deepEqual(await log.read(), [{ count: 1 }]);
    },
  },
];
