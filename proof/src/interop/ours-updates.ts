/** What Flockwork's side does under its lock: the same as the neighbours, by its own calls where they write. */
import { appendFileSync, readFileSync } from "node:fs";
import {
  replaceFileSync,
  withWriteLock,
  withWriteLockSync,
  type BackendName,
  type LayoutName,
} from "../harness/core.ts";

export interface UpdateTask {
  readonly verb: string;
  readonly data: string;
  readonly file: string;
  readonly times: number;
  readonly name: string;
}

export const lockOptions = {
  layout: (process.env["PROOF_LAYOUT"] ?? "sidecar") as LayoutName,
  backend: (process.env["PROOF_BACKEND"] ?? "flock") as BackendName,
};

const updates: Readonly<Record<string, (file: string, name: string) => unknown>> = {
  count: (file) => put(file, String(Number(readFileSync(file, "utf8")) + 1)),
  append: (file, name) => appendFileSync(file, `${JSON.stringify({ by: name })}\n`),
  map(file, name) {
    const values = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
    values[name] = (values[name] ?? 0) + 1;
    put(file, JSON.stringify(values));
  },
};

function put(file: string, text: string): void {
  replaceFileSync(file, text, { durability: "os" });
}

/** The worst wait, in milliseconds. */
export async function repeat(
  { verb, data, file, times, name }: UpdateTask,
  blocking: boolean,
): Promise<number> {
  const update = updates[verb];
  if (update === undefined) throw new RangeError(`no update is called ${verb}`);
  const options = { ...lockOptions, timeoutMs: Infinity };
  let worstMs = 0;
  for (let done = 0; done < times; done += 1) {
    const askedAt = performance.now();
    const work = (): void => {
      worstMs = Math.max(worstMs, performance.now() - askedAt);
      update(file, name);
    };
    if (blocking) withWriteLockSync(data, work, options);
    else await withWriteLock(data, work, options);
  }
  return worstMs;
}
