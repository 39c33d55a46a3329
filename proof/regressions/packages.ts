import type { Edit } from "../src/planted/planted-bug.ts";
import type { Regression } from "./regression.ts";

const edit = (file: string, before: string, after: string): Edit => ({
  file: `packages/${file}.ts`,
  before,
  after,
});

/** What the proof found in the packages that build on core. */
export const packageRegressions: readonly Regression[] = [
  {
    foundBy: "crash",
    wentWrong: "jobs that were enqueued together were parted by a crash",
    file: "packages/queue/test/cut-short.test.ts",
    title: "jobs that are enqueued together and cut short anywhere are all there for the next, or none",
    old: "what keeps them together is how every change of a queue is committed, and not one place of it",
  },
  {
    foundBy: "queue",
    wentWrong: "the log told a claim of a group before the completion that had made way for it",
    file: "packages/queue/test/events.test.ts",
    title:
      "where one call completes a job and another claims the next of its group, the stream tells them in that order",
    old: [
      edit(
        "queue/src/packed-event",
        '    for (const line of lines) if (line.type === "completed") this.#append(line);\n    for (const line of lines) if (line.type !== "completed") this.#append(line);\n',
        "    for (const line of lines) this.#append(line);\n",
      ),
    ],
    sees: /deeply equal/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a redirect with a NUL ended in a bare TypeError",
    file: "packages/beads/test/database.test.ts",
    title: "a file that names no path is refused by a typed error",
    old: [edit("beads/src/redirect", 'if (target?.includes("\\0") === true)', "if (target === undefined)")],
    sees: /ERR_UNSAFE_PATH/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "mail that is none ended in a bare TypeError",
    file: "packages/queue/test/gastown.test.ts",
    title: "a mail queue that holds something else is refused by a typed error, and stays as it was",
    old: [edit("queue/src/mail-queue", "        schema: mailSchema,\n", "")],
    sees: /resolved .* instead of rejecting/,
  },
  {
    foundBy: "faults",
    wentWrong:
      "whoever ended a session that somebody else had ended meanwhile ended the next one of that task",
    file: "packages/time-tracking/test/provider.test.ts",
    title: "a session that went on as another one meanwhile is not ended with it",
    old: [
      edit(
        "time-tracking/src/provider",
        "await change({ actorId, taskId, sessionId });",
        "await change({ actorId, taskId });",
      ),
    ],
    sees: /promise resolved .* instead of rejecting/,
  },
  {
    foundBy: "fuzz",
    wentWrong:
      "a machine of which somebody else had written half a character could not be changed, with a bare TypeError",
    file: "packages/registry/test/machine/machine-registry.test.ts",
    title:
      "is refused for what it brings, and not for what others wrote: half a character stays where it was",
    old: [
      edit(
        "registry/src/machine/machine-rules",
        "  checkTexts(changes);\n",
        "  checkTexts({ ...machine, ...changes });\n",
      ),
    ],
    sees: /type must not contain half/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a path with a string that is not JSON ended in a bare SyntaxError",
    file: "packages/cli/test/json.test.ts",
    title: "%j is refused with the place",
    old: [
      edit(
        "cli/src/edit/parse-edit",
        "steps.push(this.#string(key));",
        "steps.push(JSON.parse(key) as string);",
      ),
    ],
    sees: /SyntaxError/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "an empty path on the command line ended with the stack of a TypeError",
    file: "packages/cli/test/failures.test.ts",
    title: "a path that is empty, as of a variable that is not set, makes no sense: %s %j",
    old: [
      edit(
        "cli/src/command",
        '  if (given === "") throw new UsageError(`${name} is empty: nothing is called so`);\n',
        "",
      ),
    ],
    sees: /code: 3, out/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a priority that is an object ended in a bare TypeError",
    file: "packages/tasks/test/flowforge/tasks.test.ts",
    title: "lists and orders tasks of which a script has written anything for a status or a priority",
    old: [
      edit(
        "tasks/src/flowforge/status",
        'typeof known === "string" && Object.hasOwn(ranks, known)',
        "known !== ranks",
      ),
    ],
    sees: /primitive/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a small step whose id is an object ended in a bare TypeError",
    file: "packages/tasks/test/flowforge/tasks.test.ts",
    title: "passes over a plan and small steps whose ids a script has made anything",
    old: [edit("tasks/src/flowforge/microtasks", 'inWords(each.id ?? "")', 'String(each.id ?? "")')],
    sees: /primitive/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a tag that is an object ended in a bare TypeError",
    file: "packages/tasks/test/todo2/state-comments.test.ts",
    title: "tags and dependencies that somebody made anything are shown, and keep nobody from the list",
    old: [edit("tasks/src/todo2/state-board", "value.map(inWords)", "value.map(String)")],
    sees: /primitive/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a priority past 2^53 ended in a bare TypeError",
    file: "packages/beads/test/ready.test.ts",
    title: "sorts by any priority that a file may hold, exactly one way",
    old: [
      edit(
        "beads/src/issue-status",
        "return plainNumber(issue.priority) ?? 0;",
        "return issue.priority ?? 0;",
      ),
      edit(
        "beads/src/ready-issues",
        "  return compare(a.priority, b.priority) || byAge(a, b);",
        "  return a.priority - b.priority || byAge(a, b);",
      ),
    ],
    sees: /Cannot mix BigInt/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "an entry that ended at 1e400 kept a report by day from ever ending",
    file: "packages/time-tracking/test/hostile-files.test.ts",
    title:
      "an entry that would last for ever, or for thousands of years, is a problem, and keeps no report from its end",
    old: "a test that sees it would never end",
  },
  {
    foundBy: "fuzz",
    wentWrong: "a task whose sessions are no list ended in a bare TypeError",
    file: "packages/time-tracking/test/hostile-files.test.ts",
    title: "a task whose sessions are no list is refused, and a session in it that is none is passed over",
    old: [
      edit(
        "time-tracking/src/variants/detect",
        "if (!isObject(task) || !isTask(task))",
        'if (!isObject(task) || !(isTask(task) || "current_session" in task))',
      ),
    ],
    sees: /resolved .* instead of rejecting/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a nudge that could not be read was taken away",
    file: "packages/queue/test/nudge-input.test.ts",
    title: "a claimed nudge that cannot be read is left where it is, however old",
    old: [
      edit(
        "queue/src/nudge-queue",
        "      if (claimed === undefined) continue; // malformed",
        "      if (claimed === undefined) await this.#file(name).remove();\n      if (claimed === undefined) continue; // malformed",
      ),
    ],
    sees: /ENOENT/,
  },
  {
    foundBy: "faults",
    wentWrong: "a claim of nudges that could not read them said that there were none",
    file: "packages/queue/test/gastown.test.ts",
    title: "a nudge that cannot be read keeps nobody from the others, and is told where there are none",
    old: [
      edit(
        "queue/src/nudge-queue",
        "    if (claimed.length === 0 && unread.length > 0) throw unread[0];\n",
        "",
      ),
    ],
    sees: /resolved .* instead of rejecting/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a process that is none was taken for proof of death",
    file: "packages/time-tracking/test/plain-javascript.test.ts",
    title: "a process that is none is refused, and one that another program wrote is not taken for proof",
    old: [
      edit(
        "time-tracking/src/arguments",
        "value === undefined || isProcessIdentity(value)) return value;",
        "value !== null) return value as undefined;",
      ),
    ],
    sees: /resolved|process must be/,
  },
  {
    foundBy: "hostile",
    wentWrong: "an array was taken for the name of a queue's directory",
    file: "packages/queue/test/bad-input.test.ts",
    title: "a directory that is no string, though it could be written like one",
    old: [
      edit(
        "queue/src/queue-options",
        'if (typeof directory === "string") return directory;',
        "if (directory !== undefined) return directory as string;",
      ),
    ],
    sees: /directory must be a string|to throw/,
  },
  {
    foundBy: "faults",
    wentWrong: "an issue that was written, but not its event, was said not to be, and made twice",
    file: "packages/tasks/test/jit/event-not-written.test.ts",
    title:
      "an issue is created although its event cannot be written, and the error says so: nobody creates it again",
    old: [
      edit(
        "tasks/src/jit/issue-files",
        "throw new EventNotWrittenError({ done, path: this.#eventsPath, events, receipt }, error);",
        "throw error;",
      ),
    ],
    sees: /to be an instance of EventNotWrittenError/,
  },
  {
    foundBy: "hostile",
    wentWrong: "an array was taken for the key of a gate",
    file: "packages/tasks/test/jit/gate-runs.test.ts",
    title: "are of gates whose key is a string, and nothing that could be written like one",
    old: [edit("tasks/src/jit/gate-definitions", 'typeof key !== "string" || !/^', "!/^")],
    sees: /resolved/,
  },
  {
    foundBy: "hostile",
    wentWrong: "an array was taken for the prefix of an issue",
    file: "packages/beads/test/beads.test.ts",
    title: "a prefix that is no string is refused, though it could be written like one",
    old: [
      edit(
        "beads/src/create-issue",
        'if (typeof given !== "string") throw',
        "if (given === undefined) throw",
      ),
    ],
    sees: /resolved|prefix must be/,
  },
  {
    foundBy: "hostile",
    wentWrong: "a developer's id that is no string ended in a TypeError of the language",
    file: "packages/time-tracking/test/plain-javascript.test.ts",
    title: "a developer that is no string is refused by name",
    old: [
      edit(
        "time-tracking/src/identity",
        'if (typeof name !== "string") throw',
        "if (name === undefined) throw",
      ),
    ],
    sees: /developerId must be a string/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a timer whose task is called __proto__ ended in an error of the library of drafts",
    file: "packages/time-tracking/test/hostile-files.test.ts",
    title: "a timer of a task called __proto__ is passed over and stays, and makes nobody's prototype",
    old: [edit("time-tracking/src/variants/extras", " && !isReserved(value)", "")],
    sees: /setPrototypeOf/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a timer whose monotonic clock shows an object ended in a bare TypeError",
    file: "packages/time-tracking/test/hostile-files.test.ts",
    title:
      "a timer whose monotonic clock shows no number is passed over and stays, in a file and in a journal",
    old: [edit("time-tracking/src/variants/extras", "monotonic: isMonotonic", "monotonic: object")],
    sees: /primitive value/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "signs of life that are none ended in a bare TypeError",
    file: "packages/time-tracking/test/hostile-files.test.ts",
    title: "signs of life that are none keep nobody from his timer",
    old: [edit("time-tracking/src/timers/heartbeats", "isHeartbeat(entry[1])", "entry.length > 0")],
    sees: /TypeError/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "an agent whose time of change is an object ended in a bare TypeError",
    file: "packages/registry/test/agent/legacy-entries.test.ts",
    title: "P10: is shown as suspect where its %s is no instant",
    old: [
      edit(
        "registry/src/agent/liveness",
        'typeof at === "string" ? Date.parse(at) : Number.NaN',
        "Date.parse(at as string)",
      ),
    ],
    sees: /primitive value/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "an instant of an issue that is an object ended in a bare TypeError",
    file: "packages/beads/test/foreign-files.test.ts",
    title: "%s: is no instant for ready, lists and claims",
    old: [edit("beads/src/instant", 'if (typeof text !== "string") return -Infinity;', "")],
    sees: /primitive value/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "deleted issues of jit's index that are no list ended a delete half-way",
    file: "packages/tasks/test/jit/repository.test.ts",
    title: "P10: a delete that the index has no place for is refused before any issue is changed",
    old: [
      edit(
        "tasks/src/jit/files",
        "isListOfStrings(all) && (deleted === undefined || deleted === null || isListOfStrings(deleted))",
        "isListOfStrings(all) && deleted !== 0",
      ),
    ],
    sees: /ERR_DOCUMENT_INVALID/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a task whose status is called as what every object has could not be moved",
    file: "packages/tasks/test/flowforge/odd-content.test.ts",
    title: "a status %s is an unknown one, which leads anywhere",
    old: [
      edit(
        "tasks/src/flowforge/status",
        "Object.hasOwn(transitions, state) ? transitions[state as TaskStatus] : anywhere",
        "(transitions[state as TaskStatus] ?? anywhere)",
      ),
    ],
    sees: /includes is not a function/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a version that is no whole number ended a claim half-way",
    file: "packages/tasks/test/todo2/odd-claims.test.ts",
    title: "a task whose version or token is no whole number is claimed, renewed and released all the same",
    old: [
      edit(
        "tasks/src/todo2/count-of",
        "isCount(number) ? number : undefined",
        "(number as number | undefined)",
      ),
    ],
    sees: /fencing token is a decimal|expected \{ succe/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a line of the history that does not say what was asked for ended an undo in a bare TypeError",
    file: "packages/time-tracking/test/odd-time.test.ts",
    title: "a line of the history that %s is refused by a typed error",
    old: [
      edit(
        "time-tracking/src/book/time-record-schema",
        'if (typeof what !== "string") return "what must say what was asked for";',
        "",
      ),
    ],
    sees: /startsWith/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a queue told that nothing was changed, and had noted the claims of others as expired",
    file: "packages/queue/test/odd-files.test.ts",
    title: "a claim that is refused for its token notes no claim of others as expired",
    old: [
      edit(
        "queue/src/engine",
        "if (!line.isTasks && !isRefused) decisions.tidy();",
        "if (!line.isTasks) decisions.tidy();",
      ),
    ],
    sees: /deeply equal/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "an issue that no longer required a gate answered a note of it with a bare TypeError",
    file: "packages/tasks/test/jit/gate-runs.test.ts",
    title: "that are refused leave nothing behind",
    old: [
      edit(
        "tasks/src/jit/edit-issue",
        'throw new TaskNotFoundError("note a gate", gate, `gates_required of issue ${id}`, "Require it first.");',
        "throw new TypeError(`issue ${id} does not require the gate ${gate}`);",
      ),
    ],
    sees: /ERR_TASK_NOT_FOUND/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a session that a file says could not be ended but by a bare TypeError",
    file: "packages/time-tracking/test/sessions/odd-sessions.test.ts",
    title: "the provider finds no session %j, and says so by a typed error without control characters",
    old: [
      edit(
        "time-tracking/src/provider",
        "  return sessionId;\n}",
        '  return checkId("sessionId", sessionId);\n}',
      ),
    ],
    sees: /sessionId (must|cannot)/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a picture of entries that lie years apart ended in a bare RangeError",
    file: "packages/time-tracking/test/odd-time.test.ts",
    title:
      "a picture of entries that lie years apart is refused by a typed error, which says how it can be had",
    old: [edit("time-tracking/src/out/lanes", "throw new UnsupportedError(", "throw new RangeError(")],
    sees: /731 days/,
  },
  {
    foundBy: "hostile",
    wentWrong: "an array that is written like an id of FlowForge reached that task, and changed it",
    file: "packages/tasks/test/odd-ids.test.ts",
    title:
      "an id that is neither a number nor a string reaches no task of FlowForge, also where it is written like one",
    old: [
      edit(
        "tasks/src/flowforge/task-board",
        'if (typeof id !== "string" && typeof id !== "number")',
        "if (id === undefined)",
      ),
    ],
    sees: /promise resolved .* instead of rejecting/,
  },
  {
    foundBy: "hostile",
    wentWrong: "a warning about a file whose name has escape codes was obeyed by the terminal",
    file: "packages/cli/test/failures.test.ts",
    title: "a warning of Node's, which names a file, shows its control characters instead of obeying them",
    old: [edit("cli/src/main", "    warning.message = plain(warning.message);\n", "")],
    sees: /expected \[ \+0, .* to deeply equal \[ \+0, StringContaining/,
  },
  {
    foundBy: "hostile",
    wentWrong: "git's merge driver told paths and issues with escape codes as they are",
    file: "packages/beads/test/merge/driver.test.ts",
    title: "shows control characters of issues and paths instead of obeying them",
    old: [edit("beads/src/merge/merge-driver", "output.say(shown(text))", "output.say(text)")],
    sees: /to contain 'a\\u001b\[31m/,
  },
  {
    foundBy: "faults",
    wentWrong:
      "sessions were swept beside a commit that had taken one off the list and not yet into the archive",
    file: "packages/time-tracking/test/sessions/killed.test.ts",
    title: "P2: a sweep alone brings a close to its end that was killed while it was applied",
    old: [
      edit(
        "time-tracking/src/sessions/session-manager",
        "this.#commits.files.active.readLocked(wait); // finishes",
        "this.#commits.files.active.read(); // finishes",
      ),
    ],
    sees: /\.intent', .* to deeply equal \[\]/,
  },
  {
    foundBy: "power",
    wentWrong: "a migration that replaced nothing left the copy it had made of what it was to replace",
    file: "packages/time-tracking/test/migrate/migrate.test.ts",
    title: "of two migrations at once one is made, and the copy of the other goes",
    old: [
      edit(
        "time-tracking/src/migrate/migrate",
        "if (copy.backup !== undefined && !(error instanceof CommitUncertainError))",
        'if (copy.backup !== undefined && copy.backup === "" && !(error instanceof CommitUncertainError))',
      ),
    ],
    sees: /to have a length of 1 but got 2/,
  },
  {
    foundBy: "hostile",
    wentWrong: "agents of jit that differ in capitals alone both had a heartbeat, and nobody could list any",
    file: "packages/tasks/test/jit/heartbeats.test.ts",
    title: "of agents that differ in capitals alone are one agent's, and end nobody else's list",
    old: [
      edit("tasks/src/jit/heartbeats", "    await refuseTwin(this.#store, nameOfHeartbeat(agent));\n", ""),
    ],
    sees: /promise resolved .* instead of rejecting/,
  },
  {
    foundBy: "faults",
    wentWrong: "an agent that was told an error had the task all the same, until its lease ended",
    file: "packages/tasks/test/todo2/agent-claims.test.ts",
    title: "P6: a claim whose task cannot be read afterwards is given back",
    old: [edit("tasks/src/todo2/agent-claims", "    await outcome.release().catch(() => undefined);", "   ")],
    sees: /to be undefined/,
  },
  {
    foundBy: "hostile",
    wentWrong: "a handoff whose id is part of a text that was given for a list of ids was removed",
    file: "packages/tasks/test/odd-ids.test.ts",
    title: "ids of handoffs that are no list of strings reach none, also where they are written like one",
    old: [edit("tasks/src/todo2/handoffs", "    checkIds(ids);\n", "")],
    sees: /promise resolved .* instead of rejecting/,
  },
];
