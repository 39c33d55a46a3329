import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentHash, doctor, mergeIssueTexts, openBeads, repair, resolveRedirect } from "@flockwork/beads";
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
  await beads.create({ title: "Whole", ...wholeIssue });
  await beads.close((await beads.create({ title: "Done", ...wholeIssue })).issue.id, { reason: "Done" });
}

/** With the fields that something is made of. */
const wholeIssue = {
  description: "All",
  design: "so",
  acceptance_criteria: "it works",
  notes: "none",
  assignee: "ann",
  owner: "bob",
  created_by: "ann",
  estimated_minutes: 30,
  due_at: "2026-03-02T09:00:00Z",
  defer_until: "2026-01-02T09:00:00Z",
  external_ref: "gh-7",
  metadata: { a: 1 },
  labels: ["docs", "db"],
  quality_score: 0.5,
  timeout: 5_000_000_000,
  waiters: ["ann"],
  validations: [{ validator: { name: "x" }, outcome: "ok", timestamp: "2026-01-02T09:00:00Z" }],
  bonded_from: [{ source_id: "bd-0", bond_type: "x", bond_point: "y" }],
  creator: { name: "ann", platform: "p", org: "o", id: "i" },
  sender: "ann",
} as object;

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
        ["list overdue", () => beads.list({ overdue: true }, { by: "due" } as never)],
        ["stats", () => beads.stats()],
        ["search", () => beads.search("notes")],
        ["cycles", () => beads.cycles()],
        ["memories", () => beads.memories()],
        ["hashes", async () => (await beads.list({})).map((issue) => contentHash(issue))],
        ["blockers", async () => beads.blockers((await beads.list({}))[0]?.id ?? "none")],
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
