import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { hasProgram } from "../src/measure/has-program.ts";
import { removeScratch, scratchDirectory } from "../src/measure/scratch.ts";

const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const place = mkdtempSync(join(tmpdir(), "scratch-"));

afterAll(() => rmSync(place, { recursive: true }));

/** Starts a program of the bench that writes below `place`, and waits for a line that it writes. */
async function start(args: readonly string[], line: RegExp) {
  const child = spawn(process.execPath, ["--conditions=@flockwork/source", ...args], {
    env: { ...process.env, FLOCKWORK_BENCH_DIR: place, TMPDIR: place },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on("line", (text) => line.test(text) && child.emit("seen", text));
  const [text] = (await once(child, "seen")) as [string];
  return { child, text };
}

describe("a bench that is ended", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s leaves no file and no program", async (signal) => {
    const { child } = await start([source("main.ts"), "lock", "--quick", "--only", "waits"], /^ {2}waits/);
    expect(readdirSync(place)).toContainEqual(expect.stringMatching(/^run-\d+-\w{6}$/));
    child.kill(signal);
    expect((await once(child, "close"))[0]).toBe(signal === "SIGTERM" ? 143 : 130); // closed: nobody has its output open
    expect(readdirSync(place)).toEqual([]);
  });

  test.runIf(hasProgram("redis-server"))(
    "by SIGKILL takes its Redis with it, and what it left goes when the next one starts",
    async () => {
      const program = `
      const { startRedis } = await import(${JSON.stringify(source("measure/redis-server.ts"))});
      const { socket } = await startRedis(${JSON.stringify(join(place, "redis"))}, "always");
      console.log("listens: " + socket);
      setInterval(() => {}, 60_000);`;
      const { child, text } = await start(["--input-type=module", "-e", program], /^listens/);
      const socket = text.slice("listens: ".length);
      const connection = connect(socket);
      await once(connection, "connect");
      const gone = once(connection, "close", { signal: AbortSignal.timeout(5_000) }); // Redis is
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await Promise.all([ended, gone]);
      expect(readdirSync(place)).toContainEqual(expect.stringMatching(/^flockwork-redis-/));
      removeScratch(scratchDirectory(place, "flockwork-redis"));
      expect(readdirSync(place)).toEqual(["redis"]);
    },
  );

  test("leaves alone what another one that runs has there, and what is none of them", () => {
    const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
    const mine = ["run-1-abcdef", `other-${dead}-abcdef`, "run-notes", `run-${dead}-abcdef`];
    for (const name of mine) mkdirSync(join(place, name));
    removeScratch(scratchDirectory(place, "run"));
    const left = readdirSync(place);
    expect(mine.filter((name) => left.includes(name))).toEqual(mine.slice(0, 3));
  });
});
