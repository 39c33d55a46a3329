import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Idea, Side } from "./idea.ts";

export interface Outcome {
  readonly processes: number;
  /** What the processes were told had been done. */
  readonly told: readonly string[];
  readonly faults: readonly string[];
}

/** Lets the processes of one side loose on a fresh directory, all at the same moment, and judges what they leave. */
export async function runSide(idea: Idea, side: Side): Promise<Outcome> {
  const place = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  const [directory, toldDirectory] = [join(place, "files"), join(place, "told")];
  const children: ChildProcess[] = [];
  try {
    mkdirSync(directory);
    mkdirSync(toldDirectory);
    await idea.prepare?.(directory);
    const processes = idea.processes ?? 3;
    for (let id = 0; id < processes; id += 1)
      children.push(
        fork(idea.file, ["--worker", side, directory, toldDirectory, String(id)], {
          execArgv: [...process.execArgv, "--disable-warning=ExperimentalWarning"],
          stdio: ["ignore", "inherit", side === "original" ? "ignore" : "inherit", "ipc"],
        }),
      );
    const ends = children.map((child) => once(child, "exit") as Promise<[number | null, string | null]>);
    await Promise.all(children.map((child) => Promise.race([once(child, "message"), once(child, "exit")])));
    for (const child of children) if (child.connected) child.send("go");
    const failed = (await Promise.all(ends)).filter(([code]) => code !== 0 && code !== null).length;
    const told = readdirSync(toldDirectory).flatMap((name) =>
      readFileSync(join(toldDirectory, name), "utf8").split("\n").filter(Boolean),
    );
    const crashes = failed === 0 ? [] : [`${failed} of ${processes} processes ended with an error`];
    return { processes, told, faults: [...crashes, ...(await idea.faults(directory, told))] };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(place, { recursive: true });
  }
}
