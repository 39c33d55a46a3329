import { describe, expect, test } from "vitest";
import { MissingHereError } from "../src/measure/baselines.ts";
import { ended, Failures } from "../src/measure/failures.ts";
import { LineProgram } from "../src/measure/line-program.ts";
import { startPrograms } from "../src/measure/programs.ts";
import { interleave } from "../src/measure/rounds.ts";

const said: string[] = [];
const failuresOf = (): Failures => {
  said.length = 0;
  return new Failures((text) => said.push(text));
};

/** A program of this protocol that does what the text says with a line. */
const program = (onLine: string, options = {}): LineProgram =>
  new LineProgram(
    process.execPath,
    ["-e", `console.log("ready"); process.stdin.on("data", (line) => { ${onLine} });`],
    options,
  );

describe("a contender that fails", () => {
  test("is told of, has the rounds that it made before, and the others have all of theirs", async () => {
    const failures = failuresOf();
    let runs = 0;
    const contenders = failures.guard({
      ours: () => 1,
      peer: () => {
        if ((runs += 1) > 1) throw new Error("at work\n[Error: ENOENT, open '/tmp/x'");
        return 2;
      },
    });
    expect(ended(await interleave(4, contenders))).toMatchObject({ ours: [1, 1, 1, 1], peer: [2] });
    expect(runs).toBe(2); // it is not asked again
    expect(failures.between("ours", "peer")).toEqual({
      faults: [],
      missing: undefined,
      baselineFaults: ["a run failed: Error: ENOENT"],
      baselineMissing: undefined,
    });
    expect(said).toEqual(["peer FAILED: a run failed: Error: ENOENT"]);
  });

  test("is missing, and no failure, where this machine does not have it", async () => {
    const failures = failuresOf();
    expect(
      await failures.of("C", () => {
        throw new MissingHereError("no cc on this machine");
      }),
    ).toBeUndefined();
    expect(failures.missingOf("C")).toBe("no cc on this machine");
    expect(failures.faultsOf("C")).toEqual([]);
    expect(said).toEqual(["C SKIPPED: no cc on this machine"]);
  });

  test("leaves the programs of the others running, whether it fails at its start or at a question", async () => {
    const failures = failuresOf();
    const programs = await startPrograms(failures, {
      sound: () => program("console.log(Number(line))"),
      dies: () => program("throw new Error('no more')"),
      never: () => new LineProgram(process.execPath, ["-e", "process.exit(1)"]),
    });
    const slice = (who: "sound" | "dies" | "never") => programs.slice<number>(who, "7");
    const figures = ended(
      await interleave(2, { sound: slice("sound"), dies: slice("dies"), never: slice("never") }),
    );
    await programs.end();
    expect(figures).toMatchObject({ sound: [7, 7], dies: [], never: [] });
    expect(failures.faultsOf("dies")).toEqual(["a run failed: Error: no more"]);
    expect(failures.faultsOf("never")).toEqual(["a run failed: the program ended without an answer"]);
  });
});

describe("a program that does not answer", () => {
  test("is killed at its deadline, with what it started itself holding its output open", async () => {
    const silent = program(
      "require('child_process').spawn('sleep', ['5'], { stdio: ['ignore', 'inherit', 'inherit'] })",
      { deadlineMs: 1_000 },
    );
    await silent.ready();
    await expect(silent.ask("7")).rejects.toThrow("the program said nothing for 1 s, and was killed");
    await silent.ended();
  });

  test("is killed where the end of its input does not end it", async () => {
    const deaf = program("setInterval(() => {}, 1000)", { deadlineMs: 1_000 });
    await deaf.ready();
    deaf.tell("7");
    await deaf.end();
    expect(() => process.kill(deaf.pid, 0)).toThrow("ESRCH");
  });
});
