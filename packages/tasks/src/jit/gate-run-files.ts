import { join } from "node:path";
import {
  listDirectory,
  UnsupportedError,
  type Store,
  type StoreDocument,
  type WaitOptions,
} from "@flockwork/core";
import { jitText, ownLayout, schemaOf } from "./files.ts";
import type { GateContext } from "./gate-context.ts";
import type { JitGateRun } from "./gate-run.ts";

const directory = "gate-runs";
const contextName = "context.json";

/** The runs of gates, a directory each. */
export class GateRunFiles {
  readonly #store: Store;
  readonly #data: string | undefined;

  /** @param data - The directory that the store is opened on, where that is known. */
  constructor(store: Store, data: string | undefined) {
    this.#store = store;
    this.#data = data;
  }

  async add(run: JitGateRun, options: WaitOptions): Promise<void> {
    await this.#document(run.run_id).write(run, options);
  }

  async remove(runId: string): Promise<void> {
    await this.#document(runId).remove();
  }

  /** Lays what a checker is told beside the result it will have. @returns The path of the file. */
  async addContext(runId: string, context: GateContext): Promise<string> {
    await this.#context(runId).write(context);
    return join(this.#directory("Running checkers"), directory, runId, contextName);
  }

  async removeContext(runId: string): Promise<void> {
    await this.#context(runId).remove();
  }

  async get(runId: string): Promise<JitGateRun | undefined> {
    try {
      return (await this.#document(runId).read()) as JitGateRun;
    } catch (error) {
      if ((error as { osCode?: unknown }).osCode === "ENOENT") return undefined;
      throw error;
    }
  }

  /** The runs of one issue, the last one first. @throws {UnsupportedError} the repository is in a store. */
  async list(issueId: string): Promise<readonly JitGateRun[]> {
    const entries = listDirectory(join(this.#directory("Listing gate runs"), directory)) ?? [];
    const ids = entries
      .filter(({ kind, name }) => kind === "directory" && isRunId(name))
      .map(({ name }) => name);
    const runs = await Promise.all(ids.map((id) => this.get(id)));
    return runs.filter((run) => run?.issue_id === issueId).toSorted(lastFirst) as readonly JitGateRun[];
  }

  #directory(attempt: string): string {
    if (this.#data !== undefined) return this.#data;
    throw new UnsupportedError(
      `${attempt} of a repository that is opened on a store`,
      "a store lists files, and each run is a directory. Open the repository by its directory, or ask for runs by their ids",
    );
  }

  #context(runId: string): StoreDocument<GateContext> {
    return this.#store.document<GateContext>({
      name: `${directory}/${runId}/${contextName}`,
      ...jitText,
      layout: ownLayout("gate-runs", 2),
      durability: "os", // for as long as the checker runs
      mode: 0o600,
    });
  }

  #document(runId: string): StoreDocument<JitGateRun> {
    if (!isRunId(runId)) throw new TypeError(`runId must be the id of a run, got ${JSON.stringify(runId)}`);
    return this.#store.document<JitGateRun>({
      name: `${directory}/${runId}/result.json`,
      ...jitText,
      layout: ownLayout("gate-runs", 2),
      schema: gateRunSchema,
    });
  }
}

const gateRunSchema = schemaOf<JitGateRun>(
  "a gate run of jit: run_id, gate_key, issue_id, status and started_at must be texts",
  (value) =>
    ["run_id", "gate_key", "issue_id", "status", "started_at"].every(
      (name) => typeof value[name] === "string",
    ),
);

function isRunId(name: unknown): boolean {
  return typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name);
}

/** By their starts; what lies within one millisecond, by the digits after it. */
function lastFirst(a: JitGateRun | undefined, b: JitGateRun | undefined): number {
  const [first = "", second = ""] = [a?.started_at, b?.started_at];
  return Date.parse(second) - Date.parse(first) || (second < first ? -1 : Number(second > first));
}
