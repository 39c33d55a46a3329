import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { doctor, mergeIssueTexts, openBeads, repair, resolveRedirect } from "@flockwork/beads";
import type { Call, Target } from "../target.ts";

async function writeIssues(directory: string): Promise<void> {
  const beads = openBeads(directory);
  const { issue: epic } = await beads.create({ title: "Release", issue_type: "epic" });
  const { issue } = await beads.create({ title: "Notes", parent: epic.id, labels: ["docs"] });
  await beads.addDependency(issue.id, epic.id, { type: "related" } as never).catch(() => undefined);
  await beads.comment(issue.id, { author: "ann", text: "On it." });
  await beads.close(issue.id, { reason: "Done" });
  await beads.interactions.append({ kind: "llm_call", issue_id: epic.id } as never).catch(() => undefined);
  await beads.routes.set({ prefix: "gt-", path: "." }).catch(() => undefined);
}

/** What beads reads. */
export const beadsTargets: readonly Target[] = [
  {
    name: "beads",
    prepare: async (directory) => {
      await writeIssues(directory);
      writeFileSync(
        join(directory, "metadata.json"),
        '{"database":"beads.db","jsonl_export":"issues.jsonl"}\n',
      );
      writeFileSync(join(directory, "config.yaml"), "issue-prefix: bd\n");
    },
    calls: (directory): Call[] => {
      const beads = openBeads(directory);
      return [
        ["list", () => beads.list({})],
        ["ready", () => beads.ready()],
        ["stats", () => beads.stats()],
        ["search", () => beads.search("notes")],
        ["interactions", () => beads.interactions.list()],
        ["routes", () => beads.routes.list()],
        ["route", () => beads.routes.find("gt-1")],
        ["create", () => beads.create({ title: "one more" })],
        ["claimReady", async () => (await beads.claimReady({ actor: "fuzz", leaseMs: 1_000 }))?.release()],
        ["compact", () => beads.compact()],
        ["doctor", () => doctor(directory)],
        ["repair, dry", () => repair(directory, { dryRun: true })],
        ["repair", () => repair(directory)],
        ["list again", () => beads.list({})],
      ];
    },
  },
  {
    name: "beads merge",
    prepare: writeIssues,
    mutates: /issues\.jsonl$/,
    calls: (_directory, mutated): Call[] => {
      const theirs = readFileSync(mutated, "utf8");
      const lines = theirs.split("\n");
      const [base, ours] = [lines.slice(0, 1).join("\n"), lines.toReversed().join("\n")];
      return [
        ["merge", () => mergeIssueTexts({ base, ours, theirs })],
        ["merge from nothing", () => mergeIssueTexts({ base: "", ours: theirs, theirs: ours })],
      ];
    },
  },
  {
    name: "beads redirect",
    prepare: (directory) => {
      mkdirSync(join(directory, "real"));
      mkdirSync(join(directory, "from"));
      writeFileSync(join(directory, "from/redirect"), "../real\n");
    },
    mutates: /redirect$/,
    calls: (directory): Call[] => [["resolveRedirect", () => resolveRedirect(join(directory, "from"))]],
  },
];
