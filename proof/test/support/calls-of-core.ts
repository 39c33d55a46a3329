/** Every call there is in core and in `@flockwork/core/fs`, by the name that a list of calls has it by. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as core from "../../../packages/core/src/index.ts";
import * as dropIn from "../../../packages/core/src/fs/index.ts";
import { withTemporaryDirectory } from "../../src/harness/temporary-directory.ts";
import { methodsOf } from "./methods-of.ts";

export async function callsOfCore(): Promise<readonly string[]> {
  const objects = await handedOut();
  return [
    ...functionsOf(core),
    ...functionsOf(dropIn).map((name) => `fs.${name}`),
    ...Object.entries(objects).flatMap(([of, object]) => methodsOf(object).map((name) => `${of}.${name}`)),
  ];
}

function functionsOf(exported: object): string[] {
  const isError = (value: unknown): boolean =>
    typeof value === "function" && value.prototype instanceof Error;
  return Object.entries(exported).flatMap(([name, value]) =>
    typeof value === "function" && !isError(value) ? [name] : [],
  );
}

/** What is handed out by what is exported, by the name that operations call it by. */
function handedOut(): Promise<Readonly<Record<string, object>>> {
  return withTemporaryDirectory(async (directory) => {
    const at = (name: string): string => join(directory, name);
    mkdirSync(at("store"));
    writeFileSync(at("data"), "data\n");
    const store = core.fileStore(at("store"));
    const lock = await core.acquireLock(at("data"), "exclusive");
    await lock.release();
    const leases = core.leases(store);
    const lease = await leases.acquire("build");
    await lease.release();
    const log = core.jsonlLog(at("events.jsonl"));
    const member = store.log({ name: "events.jsonl" });
    const objects = {
      FileLock: lock,
      JsonDocument: core.jsonDocument(at("state.json")),
      jsonlLog: log,
      LogCursor: log.cursor(),
      store,
      StoreDocument: store.document({ name: "state.json" }),
      StoreLog: member,
      StoreLogCursor: member.cursor(),
      StoreLock: store.lock("data"),
      leases,
      Lease: lease,
    };
    await store.close();
    core.closeIdleLocks();
    return objects;
  });
}
