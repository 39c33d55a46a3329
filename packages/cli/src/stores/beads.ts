import type { Beads, Issue } from "@flockwork/beads";
import { type Command, exitCodes } from "../command.ts";
import { whoActs } from "./identity.ts";
import { listed, row, storeCommand, type Asked, type Told } from "./store-command.ts";

/** `flockwork beads`: issues in `.beads/`. */
export const beadsCommand: Command = storeCommand({
  name: "beads",
  summary: "issues in .beads/: list, ready, create, claim, close, …",
  directory: ".beads",
  options: {
    actor: { type: "string", says: "who acts (default you, on this machine)" },
    priority: { type: "string", says: "0 is the most urgent" },
    reason: { type: "string", says: "why it is closed" },
    lease: { type: "string", says: "seconds until a claim ends by itself (default never)" },
  },
  actions: {
    list: {
      usage: "[STATUS]",
      says: "every issue, or those of a status",
      run: (asked) =>
        using(asked, async (beads) => {
          const [status] = asked.args;
          return listed(await beads.list(status === "" ? {} : { status }), lineOf, "no issues");
        }),
    },
    ready: {
      usage: "",
      says: "what can be worked on, the most urgent first",
      run: (asked) => using(asked, async (beads) => listed(await beads.ready(), lineOf, "nothing is ready")),
    },
    show: {
      usage: "ID",
      says: "one issue",
      run: (asked) =>
        using(asked, async (beads) => {
          const issue = await beads.get(asked.args[0]);
          if (issue === undefined)
            return { result: null, lines: [`no issue ${asked.args[0]}`], code: exitCodes.no };
          return {
            result: issue,
            lines: [JSON.stringify(issue, undefined, 2)].flatMap((text) => text.split("\n")),
          };
        }),
    },
    create: {
      usage: "TITLE",
      says: "makes an issue, and prints its id",
      run: (asked) =>
        using(asked, async (beads) => {
          const priority = asked.number("priority");
          const receipt = await beads.create({
            title: asked.args[0],
            ...(priority === undefined ? {} : { priority }),
          });
          return { result: receipt, lines: [receipt.issue.id] };
        }),
    },
    claim: {
      usage: "[ID]",
      says: "takes an issue, or the most urgent one that is ready; exit code 1 when there is none",
      run: (asked) =>
        using(asked, async (beads) => {
          const seconds = asked.number("lease");
          const request = {
            actor: asked.option("actor") ?? whoActs(),
            ...(seconds === undefined ? {} : { leaseMs: seconds * 1_000 }),
          };
          const [id] = asked.args;
          const claim = id === "" ? await beads.claimReady(request) : await beads.claim(id, request);
          if (claim === undefined) return { result: null, lines: ["nothing is ready"], code: exitCodes.no };
          const issue = await beads.get(claim.id);
          return { result: issue, lines: issue === undefined ? [claim.id] : [lineOf(issue)] };
        }),
    },
    close: {
      usage: "ID",
      says: "finishes an issue",
      run: (asked) =>
        using(asked, async (beads) => {
          const reason = asked.option("reason");
          const receipt = await beads.close(asked.args[0], reason === undefined ? {} : { reason });
          return { result: receipt, lines: [lineOf(receipt.issue)] };
        }),
    },
  },
});

async function using({ directory }: Asked, work: (beads: Beads) => Promise<Told>): Promise<Told> {
  const { openBeads } = await import("@flockwork/beads");
  return await work(openBeads(directory));
}

function lineOf({ id, status, priority, assignee, title }: Issue): string {
  return row(id, status, priority === undefined ? undefined : `p${String(priority)}`, assignee, title);
}
