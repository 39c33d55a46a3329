/** Valid texts of any length, for readers whose texts are made of more than one character over and over. */

/** As many parts as fit into a length, none of them like another. */
function parts(length: number, make: (at: number) => string): string[] {
  const made: string[] = [];
  for (let [at, size] = [0, 0]; size < length; at += 1) {
    const part = make(at);
    size += part.length + 1;
    made.push(part);
  }
  return made;
}

const lines = (length: number, make: (at: number) => unknown): string =>
  `${parts(length, (at) => JSON.stringify(make(at))).join("\n")}\n`;

const list = (length: number, make: (at: number) => unknown): string =>
  `[${parts(length, (at) => JSON.stringify(make(at))).join(",")}]`;

const at = "2026-01-02T03:04:05Z";
const startMs = Date.parse(at);
const isoAfter = (minutes: number): string => new Date(startMs + minutes * 60_000).toISOString();

/** One line of an issue file. */
export function issueLine(id: string): string {
  const issue = { id, title: "t", status: "open", priority: 2, issue_type: "task" };
  return `${JSON.stringify({ ...issue, created_at: at, updated_at: at })}\n`;
}

export const longTexts = {
  issues: (length: number): string =>
    parts(length, (number) => issueLine(`bd-${number}`).trim()).join("\n") + "\n",
  cron: (length: number): string => `${parts(length, (number) => `${number % 60}`).join(",")} * * * *`,
  flowforgeTasks: (length: number): string =>
    `{"tasks":${list(length, (id) => ({ id, title: "t", status: "pending" }))}}`,
  todo2State: (length: number): string =>
    `{"todos":${list(length, (number) => ({ id: `T-${number}`, content: "c", status: "Todo", priority: "low" }))}}`,
  /** What is deleted has no file that would be looked for. */
  jitIndex: (length: number): string =>
    `{"schema_version":1,"all_ids":[],"deleted_ids":${list(length, (number) => `deleted-${number}`)}}`,
  jitEvents: (length: number): string =>
    lines(length, (number) => ({ id: `${number}`, timestamp: at, type: "issue_created", issue_id: "a" })),
  flowforgeTimes: (length: number): string =>
    JSON.stringify({ 1: { status: "done", current_session: null, sessions: [] } }).replace(
      '"sessions":[]',
      `"sessions":${list(length, (number) => ({ start: isoAfter(2 * number), user: "ada", instance_id: "i", end: isoAfter(2 * number + 1), duration: 0.017 }))}`,
    ),
  timeJournal: (length: number): string =>
    lines(length, (number) => ({
      op: `op-${number}`,
      atMs: startMs + number,
      what: "add",
      changes: [{ kind: "entry", id: `e-${number}`, before: null, after: null }],
    })),
  edits: (length: number): string => parts(length, (number) => `.a${number} = ${number}`).join(" | "),
} as const;
