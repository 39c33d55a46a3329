import { equal } from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@flockwork/core";
import { openTasks, type Claim, type ClaimProof, type Claims } from "@flockwork/tasks";
import { openJit } from "@flockwork/tasks/jit";
import { openTodo2, openTodo2State } from "@flockwork/tasks/todo2";

export const kinds = ["flowforge", "todo2", "state", "jit"] as const;
export type Kind = (typeof kinds)[number];

/** Tasks of any kind that hold a count. */
export interface CountedTasks {
  readonly claims: Pick<Claims<string>, "sweep" | "list"> & {
    claim(
      id: string,
      request: Parameters<Claims<string>["claim"]>[1],
    ): Promise<Claim<unknown> | { readonly granted: false }>;
  };
  readonly ids: () => Promise<readonly string[]>;
  readonly count: (id: string) => Promise<number>;
  readonly setCount: (id: string, count: number, claim: ClaimProof) => Promise<unknown>;
  readonly add: (count: number) => Promise<unknown>;
  /** What the store knows of agents that are gone is found, and taken away. Undefined where it knows none. */
  readonly forgetDead?: (() => Promise<readonly unknown[]>) | undefined;
  readonly close: () => Promise<void>;
}

export async function openCounted(kind: Kind, directory: string, clock?: Clock): Promise<CountedTasks> {
  if (kind === "flowforge") {
    const tasks = openTasks(directory, { clock });
    mkdirSync(join(directory, ".flowforge"), { recursive: true });
    return {
      claims: tasks.claims as unknown as CountedTasks["claims"],
      ids: async () => (await tasks.list()).map(({ id }) => String(id)),
      count: async (id) => Number((await tasks.get(id))?.description),
      setCount: (id, count, claim) => tasks.update(id, { description: String(count) }, { claim }),
      add: async (count) => {
        const entries = Array.from({ length: count }, (_, at) => ({ id: at + 1, description: "0" }));
        writeFileSync(join(directory, ".flowforge/tasks.json"), JSON.stringify({ tasks: entries }));
      },
      close: () => Promise.resolve(),
    };
  }
  if (kind === "jit") {
    const jit = openJit(directory, { branch: "main", clock });
    return {
      claims: jit.claims,
      ids: async () => (await jit.list()).map(({ id }) => id),
      count: async (id) => Number((await jit.get(id))?.title),
      setCount: (id, count, claim) => jit.update(id, { title: String(count) }, { claim }),
      add: (count) => Promise.all(Array.from({ length: count }, () => jit.create({ title: "0" }))),
      forgetDead: async () => {
        const dead = await jit.heartbeats.sweep();
        equal((await jit.heartbeats.list()).length, 0);
        equal(existsSync(join(directory, ".jit/locks/claims.lock.meta")), false);
        return dead;
      },
      close: () => Promise.resolve(),
    };
  }
  const todo2 = kind === "todo2" ? openTodo2(directory, { clock }) : openTodo2State(directory, { clock });
  if ("migrate" in todo2) await todo2.migrate();
  return {
    claims: todo2.claims,
    ids: async () => (await todo2.list()).map(({ id }) => id),
    count: async (id) => Number((await todo2.get(id))?.content),
    setCount: (id, count, claim) => todo2.update(id, { content: String(count) }, { claim }),
    add: (count) => Promise.all(Array.from({ length: count }, () => todo2.create({ content: "0" }))),
    close: () => todo2.close(),
  };
}
