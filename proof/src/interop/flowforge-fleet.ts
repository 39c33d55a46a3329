/** FlowForge's two kinds of script at once, which do not see each other, beside ours, which keeps both out. */
import { equal } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCommand } from "../harness/commands.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { missing } from "./counter.ts";
import { peerSource, skipAbsent } from "./neighbour.ts";
import { together } from "./together.ts";

const what = "FlowForge's JSON scripts and mkdir scripts at once, each with a counter of its own beside ours";

/**
 * Each kind of script has a counter of its own, since the two would lose each other's updates; ours adds to both. The JSON script
 * removes a lock that it cannot read, as FlowForge's do: with one of them, that could only be a lock of ours.
 */
export async function flowforgeFleet({ tally }: PartContext, updates: number): Promise<void> {
  if (findCommand("sh") === undefined) return skipAbsent(tally, what, "sh is not installed");
  await tally.check(what, () =>
    withTemporaryDirectory(async (directory) => {
      const data = join(directory, ".flowforge", "tasks.json");
      const [json, made] = [join(directory, "json-scripts"), join(directory, "mkdir-scripts")];
      mkdirSync(join(directory, ".flowforge", ".locks"), { recursive: true });
      for (const file of [data, json, made]) writeFileSync(file, "0");
      const each = String(Math.ceil(updates / 4));
      const jsonLock = join(directory, ".flowforge", ".locks", "tasks.json.lock");
      const ours = (counter: string): Program =>
        Program.node(new URL("ours.ts", import.meta.url), ["count", data, counter, each], {
          env: { PROOF_LAYOUT: "flowforge" },
        });
      await together([
        new Program(process.execPath, [peerSource("flowforge-peer.mjs"), "count", jsonLock, json, each], {
          env: { PEER_REMOVES_UNREADABLE: "1" },
        }),
        new Program("sh", [peerSource("mkdir.sh"), "count", `${data}.lock`, made, each]),
        ours(json),
        ours(made),
      ]);
      for (const counter of [json, made])
        equal(missing(readFileSync(counter, "utf8"), Number(each), Number(each)), 0);
    }),
  );
}
