/** What each era of beads asks of a writer, with what its own programs look at. That of flock is in the table of pairs. */
import { equal, ok } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DoltEraError, openBeads } from "@flockwork/beads";
import { findCommand } from "../harness/commands.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { peerSource, skipAbsent } from "./neighbour.ts";

const at = "2026-01-01T00:00:00Z";
const issue = {
  id: "bd-1",
  title: "one",
  status: "open",
  priority: 2,
  issue_type: "task",
  created_at: at,
  updated_at: at,
} as const;

export async function beadsEras(context: PartContext): Promise<void> {
  await besideDaemon(context);
  await besideDolt(context);
}

/** SQLite era: bd's daemon leaves the data alone while we hold, and goes on after our release as after our death. */
async function besideDaemon({ tally }: PartContext): Promise<void> {
  const what = "bd's daemon leaves issues.jsonl alone while it is ours, until we are done or dead";
  const python = findCommand("python3");
  if (python === undefined) return skipAbsent(tally, what, "python3 is not installed");
  await tally.check(what, () =>
    withTemporaryDirectory(async (directory) => {
      const data = join(directory, "issues.jsonl");
      for (const file of [data, join(directory, "beads.db")]) writeFileSync(file, "");
      const look = async (): Promise<string> => {
        const lock = join(directory, ".exclusive-lock");
        const daemon = new Program(python, [peerSource("bd-daemon.py"), "look", lock]);
        const answer = await daemon.line();
        await daemon.finish();
        return answer;
      };
      const hold = async (): Promise<Program> => {
        const program = Program.node(new URL("ours.ts", import.meta.url), ["hold", "ex", data], {
          env: { PROOF_LAYOUT: "beads" },
        });
        await program.expect("held");
        return program;
      };
      equal(await look(), "goes on");
      const holder = await hold();
      equal(await look(), "leaves it alone");
      holder.tell("release");
      await holder.expect("released");
      await holder.finish();
      equal(await look(), "goes on");
      const dying = await hold();
      dying.kill();
      await dying.exited;
      equal(await look(), "goes on");
    }),
  );
}

/** Dolt era: the export is read without a lock, and never written behind bd's back. */
async function besideDolt({ tally }: PartContext): Promise<void> {
  await tally.check("beside Dolt, issues.jsonl is read, and a raw write refused with the way to do it", () =>
    withTemporaryDirectory(async (directory) => {
      mkdirSync(join(directory, "embeddeddolt"));
      const data = join(directory, "issues.jsonl");
      const line = `${JSON.stringify(issue)}\n`;
      writeFileSync(data, line);
      const beads = openBeads(directory, { bd: false });
      try {
        equal((await beads.get("bd-1"))?.title, "one");
        const error = await beads.append({ ...issue, id: "bd-2" }).catch((reason: unknown) => reason);
        ok(error instanceof DoltEraError, "it was written");
        ok(error.message.includes("bd import"), error.message);
      } finally {
        await beads[Symbol.asyncDispose]();
      }
      equal(readFileSync(data, "utf8"), line);
    }),
  );
}
