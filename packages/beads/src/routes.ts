import type { Store, StoreLog } from "@flockwork/core";
import { checkText } from "./check-questions.ts";
import type { LogPlace } from "./interactions.ts";
import { storeFence } from "./claim-issue.ts";
import type { WriteOptions } from "./issue-log.ts";
import { routeSchema, type Route } from "./neighbour-files.ts";
import type { BeadsReceipt } from "./receipt.ts";

/** `routes.jsonl`: which rig owns the issues of a prefix. Lines that are no routes, comments for instance, stay where they are. */
export class Routes {
  readonly #log: StoreLog<Route>;

  constructor(store: Store, place: LogPlace) {
    this.#log = store.log<Route>({ ...place, schema: routeSchema as never, onCorrupt: "keep" });
  }

  /** All routes, one for each prefix: the last line counts. */
  async list(): Promise<readonly Route[]> {
    return [...new Map((await this.#log.read()).map((route) => [route.prefix, route])).values()];
  }

  /** The route of an issue's id: the one with the longest prefix that the id begins with; undefined where there is none. */
  async find(id: string): Promise<Route | undefined> {
    checkText("id", id);
    const fitting = (await this.list()).filter(({ prefix }) => id.startsWith(prefix));
    return fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
  }

  /** Adds a route, or replaces that of its prefix, in its place. @throws {RecordInvalidError} nothing was written. */
  async set(route: Route, options: WriteOptions = {}): Promise<BeadsReceipt> {
    return await this.#rewrite(options, route.prefix, route);
  }

  /** Takes a route out. One that is not there changes nothing. */
  async remove(prefix: string, options: WriteOptions = {}): Promise<BeadsReceipt> {
    checkText("prefix", prefix);
    return await this.#rewrite(options, prefix, undefined);
  }

  async #rewrite(
    { timeoutMs, signal, durability, fence }: WriteOptions,
    prefix: string,
    route: Route | undefined,
  ): Promise<BeadsReceipt> {
    const receipt = await this.#log.rewrite(
      (entries) => {
        const first = entries.findIndex(({ record }) => record.prefix === prefix);
        if (route !== undefined && first === -1) return [...entries, route];
        const others = entries.map((entry, at) => {
          if (entry.record.prefix !== prefix) return [entry];
          return route !== undefined && at === first ? [route] : [];
        });
        return others.flat();
      },
      { timeoutMs, signal, durability, fence: storeFence(fence, "routes.jsonl") },
    );
    const { revision, changed, durability: reached } = receipt;
    return { revision, changed, durability: reached, changedIds: [] };
  }
}
