/** SIGKILL at every system call that changes something, of a start, a stop, and the commits in which a session ends. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFreshDirectory } from "../crash/in-fresh-directory.ts";
import { Strace, type SystemCall } from "../crash/strace.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { describe } from "../harness/tally.ts";
import { verifyAftermath } from "./aftermath.ts";

const actor = new URL("kill-actor.ts", import.meta.url);

/** @param limit - Kills at most, chosen by the seed. Infinity: at every call. */
export async function killedAtEveryCall(
  context: PartContext,
  root: string,
  what: string,
  limit: number,
): Promise<void> {
  const { tally, random, say } = context;
  const title = `P2, P3, P6: SIGKILL at each changing system call of: ${what}`;
  const whole = await inFreshDirectory(root, (directory) => act(what, directory));
  if (typeof whole === "string") return tally.skip(title, whole);
  if (whole.killed) throw new Error(`${what} does not work at all`);
  const changing = whole.calls.filter(changes);
  const points = [...new Map(changing.map((call) => [`${call.name} ${call.nth}`, call])).values()];
  const chosen = random.shuffled(points).slice(0, limit);
  const seen = { kills: 0, done: 0, missed: 0 };
  await inParallel(3, chosen, async (call) => {
    const inject = `${call.name}:signal=KILL:when=${call.nth}`;
    await inFreshDirectory(root, async (directory) => {
      // Its calls may come otherwise another time: then it is not killed, and asked again.
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const place = join(directory, `${attempt}`);
        mkdirSync(place);
        const outcome = await act(what, place, inject);
        if (typeof outcome === "string") throw new Error(outcome);
        if (!outcome.killed) continue;
        seen.kills += 1;
        try {
          if (await verifyAftermath(what, join(place, "work"))) seen.done += 1;
          tally.pass();
        } catch (error) {
          tally.fail(`${title}: ${inject}`, `${call.text}\n${describe(error)}`);
        }
        return;
      }
      seen.missed += 1;
    });
  });
  tally.count("calls", points.length);
  tally.count("kills", seen.kills);
  tally.count("missed", seen.missed);
  if (seen.missed > chosen.length / 2)
    tally.fail(title, `${seen.missed} of ${chosen.length} calls were not reached again`);
  say(
    `${title}: ${points.length} of its ${whole.calls.length} calls change something, ${seen.kills} kills, ${seen.done} of them after the commit`,
  );
}

/** Between two of these nothing is different on the disk, nor in what is locked: being killed there is being killed at the next. */
function changes({ name, text }: SystemCall): boolean {
  return name.startsWith("open")
    ? /O_CREAT|O_TRUNC/.test(text)
    : !/stat|readlink|getdents|pread|^close$/.test(name);
}

interface Act {
  readonly killed: boolean;
  readonly calls: readonly SystemCall[];
}

/** Does it in a fresh process under strace. A string says why it cannot be. */
async function act(what: string, root: string, inject?: string): Promise<Act | string> {
  const [directory, warm] = [join(root, "work"), join(root, "warm")];
  for (const each of [directory, warm]) mkdirSync(each);
  const program = Program.node(actor, [what, directory, warm], {
    env: { UV_THREADPOOL_SIZE: "1" },
    nodeFlags: ["--v8-pool-size=0"], // fewer threads to attach to
  });
  await program.expect("ready");
  const strace = await Strace.attach(program.pid, join(root, "strace.log"), inject);
  if (typeof strace === "string") {
    program.kill();
    return strace;
  }
  writeFileSync(join(root, "go"), "");
  const killed = await program.line().then(
    () => false,
    () => true,
  );
  program.kill();
  await program.exited;
  await strace.finished;
  return { killed, calls: strace.markedCalls() };
}
