/** What Flockwork's side does under its lock: the same as the neighbours, by its own calls where they write. */
import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import {
  replaceFileSync,
  withWriteLock,
  withWriteLockSync,
  type BackendName,
  type LayoutName,
} from "../harness/core.ts";

import { oursUnit } from "./counter.ts";

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

/** Between two updates, at most: beside who looks too seldom to meet us otherwise. */
const pauseMs = Number(process.env["PROOF_PAUSE_MS"] ?? "0");

/** What an update found of the other side: how far it is, where the file says. */
const updates: Readonly<Record<string, (file: string, name: string) => number>> = {
  count(file) {
    const value = Number(readFileSync(file, "utf8"));
    put(file, String(value + oursUnit));
    return value % oursUnit;
  },
  append(file, name) {
    appendFileSync(file, `${JSON.stringify({ by: name })}\n`);
    return 0;
  },
  map(file, name) {
    const values = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
    values[name] = (values[name] ?? 0) + 1;
    put(file, JSON.stringify(values));
    const theirs = Object.entries(values).filter(([by]) => by.startsWith("theirs"));
    return theirs.reduce((sum, [, times]) => sum + times, 0);
  },
};

function put(file: string, text: string): void {
  replaceFileSync(file, text, { durability: "os" });
}

export interface Repeated {
  readonly worstMs: number;
  /** How often the other side had been in since the update before. */
  readonly met: number;
}

export async function repeat(
  { verb, data, file, times, name }: UpdateTask,
  blocking: boolean,
): Promise<Repeated> {
  const update = updates[verb];
  if (update === undefined) throw new RangeError(`no update is called ${verb}`);
  const options = { ...lockOptions, timeoutMs: Infinity };
  let [worstMs, met] = [0, 0];
  let seen: number | undefined;
  for (let done = 0; done < times; done += 1) {
    const askedAt = performance.now();
    const work = (): void => {
      worstMs = Math.max(worstMs, performance.now() - askedAt);
      const theirs = update(file, name);
      if (seen !== undefined && theirs !== seen) met += 1;
      seen = theirs;
    };
    if (blocking) withWriteLockSync(data, work, options);
    else await withWriteLock(data, work, options);
    if (pauseMs > 0) await pause(Math.random() * pauseMs);
  }
  return { worstMs, met };
}
