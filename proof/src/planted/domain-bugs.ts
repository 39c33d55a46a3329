import type { PlantedBug } from "./planted-bug.ts";

/** Domain packages that promise more than they ask of core. */
export const domainBugs: readonly PlantedBug[] = [
  {
    name: "acknowledges issues that no disk has yet",
    edits: [
      {
        file: "packages/beads/src/beads.ts",
        before: 'const { store, name, layout, durability = "disk", onDamage = "error" } = place;',
        after: 'const { store, name, layout, durability = "os", onDamage = "error" } = place;',
      },
    ],
    look: "domains: beads: append",
    sees: /its bytes were not synced since they were written/,
  },
  {
    name: "completes a job in another commit than its effect",
    edits: [
      {
        file: "packages/queue/src/claim-calls.ts",
        before:
          "        await engine.within(log, (decisions) => settle.complete(decisions, claim, result));\n",
        after: "",
      },
      {
        file: "packages/queue/src/claim-calls.ts",
        before: "        return (await committed).value;\n",
        after:
          "        const { value } = await committed;\n" +
          "        await engine.change((decisions) => settle.complete(decisions, claim, value));\n" +
          "        return value;\n",
      },
    ],
    look: "domains: queue: claim, completeWith",
    sees: /the ledger and the job disagree/,
  },
  {
    name: "says of an issue that is not there that only its event is missing",
    edits: [
      {
        file: "packages/tasks/src/jit/issue-changes.ts",
        before: "    await document.write(issue, waitOf(options));\n",
        after:
          '    await files.tell("Issue", [event("issue_completed", issue.id, issue.updated_at, {})], undefined);\n' +
          "    await document.write(issue, waitOf(options));\n",
      },
    ],
    look: "faults of a domain: tasks: jit: create",
    sees: /the call: EventNotWrittenError/,
  },
  {
    name: "says that nothing was changed where an issue was made and only its event is missing",
    edits: [
      {
        file: "packages/tasks/src/jit/issue-files.ts",
        before: "throw new EventNotWrittenError({ done, path: this.#eventsPath, events, receipt }, error);",
        after: "throw error;",
      },
    ],
    look: "faults of a domain: tasks: jit: create",
    sees: /the call: .*Nothing was changed/,
  },
  {
    name: "puts ids into SQL",
    edits: [
      {
        file: "packages/tasks/src/todo2/task-rows.ts",
        before: 'return transaction.sql("SELECT * FROM tasks WHERE id = ?").get(id) as TaskRow | undefined;',
        after:
          "return transaction.sql(`SELECT * FROM tasks WHERE id = '${id}'`).get() as TaskRow | undefined;",
      },
    ],
    look: "SQL",
    sees: /ERR_SQLITE_ERROR|Expected values to be strictly equal/,
  },
  {
    name: "shows what a store holds as it is",
    edits: [
      {
        file: "packages/cli/src/stores/store-command.ts",
        before: "output.say(plain(line))",
        after: "output.say(line)",
      },
    ],
    look: "terminals: beads",
    sees: /AssertionError.*: a raw control character: .*\\u001b\[31m/,
  },
];
