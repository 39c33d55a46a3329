import type { TimeEntry, TimeTracking, Timer } from "@flockwork/time-tracking";
import type { Command } from "../command.ts";
import { span } from "../output.ts";
import { listed, row, storeCommand, type Asked, type Told } from "./store-command.ts";

/** `flockwork time`: timers and entries in FlowForge's file. */
export const timeCommand: Command = storeCommand({
  name: "time",
  summary: "timers and hours: start, stop, pause, resume, status, entries, report",
  directory: ".",
  options: {
    actor: { type: "string", says: "whose time it is (default developer)" },
    from: { type: "string", says: "first day, YYYY-MM-DD" },
    through: { type: "string", says: "last day, YYYY-MM-DD" },
  },
  actions: {
    start: {
      usage: "TASK",
      says: "starts a timer",
      run: (asked) =>
        using(asked, async (time) =>
          told(await time.start({ taskId: asked.args[0], ...actorOf(asked) }), "started"),
        ),
    },
    stop: {
      usage: "",
      says: "stops the timer",
      run: (asked) => using(asked, async (time) => told(await time.stop(actorOf(asked)), "stopped")),
    },
    pause: {
      usage: "",
      says: "pauses the timer",
      run: (asked) => using(asked, async (time) => told(await time.pause(actorOf(asked)), "paused")),
    },
    resume: {
      usage: "",
      says: "goes on after a pause",
      run: (asked) => using(asked, async (time) => told(await time.resume(actorOf(asked)), "goes on")),
    },
    status: {
      usage: "",
      says: "what runs, what is paused, what must be confirmed",
      run: (asked) =>
        using(asked, async (time) => {
          const status = await time.status();
          const line = (state: string, { taskId, actorId }: Timer | TimeEntry, ms?: number): string =>
            row(state, taskId, actorId, ms === undefined ? undefined : span(ms));
          const lines = [
            ...status.running.map((timer) => line("runs", timer, timer.elapsedMs)),
            ...status.paused.map((timer) => line("paused", timer)),
            ...status.recovered.map((entry) => line("to confirm", entry)),
          ];
          return { result: status, lines: lines.length === 0 ? ["no timer"] : lines };
        }),
    },
    entries: {
      usage: "",
      says: "what was worked, --from a day --through a day",
      run: (asked) =>
        using(asked, async (time) => {
          const line = ({ id, taskId, actorId, startedAtMs, workedMs }: TimeEntry): string =>
            row(id, taskId, actorId, new Date(startedAtMs).toISOString(), span(workedMs));
          return listed(await time.entries(daysOf(asked)), line, "no entries");
        }),
    },
    report: {
      usage: "",
      says: "hours by task",
      run: (asked) =>
        using(asked, async (time) => {
          const report = await time.report({ by: ["task"], ...daysOf(asked) });
          const lines = report.rows.map(({ key, sumMs }) => row(key.task, span(sumMs)));
          return { result: report, lines: [...lines, row("total", span(report.total.sumMs))] };
        }),
    },
  },
});

async function using({ directory }: Asked, work: (time: TimeTracking) => Promise<Told>): Promise<Told> {
  const { openTimeTracking } = await import("@flockwork/time-tracking");
  return await work(openTimeTracking(directory));
}

function told(result: unknown, words: string): Told {
  return { result, lines: [words] };
}

function actorOf(asked: Asked): { actorId?: string } {
  const actorId = asked.option("actor");
  return actorId === undefined ? {} : { actorId };
}

function daysOf(asked: Asked): { from?: string; through?: string; actorId?: string } {
  const [from, through] = [asked.option("from"), asked.option("through")];
  return { ...(from === undefined ? {} : { from }), ...(through === undefined ? {} : { through }) };
}
