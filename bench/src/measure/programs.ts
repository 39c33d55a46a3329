/** Programs that stay for all rounds of a group, one for each contender; and those that stay for a part of one. */
import type { Failures } from "./failures.ts";
import type { LineProgram } from "./line-program.ts";

export interface Programs<Name extends string> {
  /** A run of a contender: one question. Undefined where it fails, or failed before. */
  readonly slice: <Answer>(who: Name, line: string) => () => Promise<Answer | undefined>;
  readonly end: () => Promise<void>;
}

/** Starts them side by side. One that does not come up is its own contender's fault. */
export async function startPrograms<Name extends string>(
  failures: Failures,
  starts: Readonly<Record<Name, () => LineProgram>>,
): Promise<Programs<Name>> {
  const started = new Map<string, LineProgram>();
  const all = Object.entries<() => LineProgram>(starts);
  await Promise.all(
    all.map(([who, start]) => failures.of(who, async () => started.set(who, await start().ready()))),
  );
  return {
    slice:
      <Answer>(who: Name, line: string) =>
      () =>
        failures.of(who, async () => await started.get(who)?.ask<Answer>(line)),
    async end() {
      await Promise.all([...started.values()].map((program) => program.end()));
    },
  };
}

/** Remembers a program. @returns It. */
export type Keep = (program: LineProgram) => LineProgram;

/** Runs something that starts programs. When it ends, however it does, those that are left are killed: they would disturb what comes next. */
export async function withPrograms<Result>(run: (keep: Keep) => Promise<Result>): Promise<Result> {
  const programs: LineProgram[] = [];
  try {
    return await run((program) => {
      programs.push(program);
      return program;
    });
  } finally {
    for (const program of programs) program.kill();
    await Promise.all(programs.map((program) => program.ended()));
  }
}
