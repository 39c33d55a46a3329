/** The head of a Markdown file, between two lines `---`: as much YAML as task files use. */
import { TaskFormatError } from "../errors.ts";

export type HeadValue = string | readonly string[];

export interface HeadedText {
  readonly head: Readonly<Record<string, HeadValue>>;
  readonly body: string;
}

/** Whether a head can have a field that is called so. */
export function isHeadName(name: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(name);
}

/** @throws {TaskFormatError} `ERR_TASK_FORMAT`: no head, or more YAML than texts and lists of texts. */
export function parseHeaded(name: string, text: string): HeadedText {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const end = lines.indexOf("---", 1);
  if (lines[0] !== "---" || end < 0) throw new TaskFormatError(name, "has no head between two lines ---");
  const head = new Map<string, HeadValue>();
  let open: { readonly key: string; readonly items: string[] } | undefined;
  for (const line of lines.slice(1, end)) {
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (item !== null && open !== undefined) {
      open.items.push(scalar(item[1] ?? ""));
      continue;
    }
    const pair = /^([A-Za-z_][\w-]*):\s*(.*)$/.exec(line);
    if (pair === null) {
      if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
      throw new TaskFormatError(
        name,
        `has a head that is more than texts and lists: ${JSON.stringify(line.slice(0, 60))}`,
      );
    }
    const [, key = "", value = ""] = pair;
    open = undefined;
    if (value.trim() === "") {
      open = { key, items: [] };
      head.set(key, open.items);
    } else if (value.trim().startsWith("[")) head.set(key, inlineList(name, value.trim()));
    else head.set(key, scalar(value));
  }
  return { head: Object.fromEntries(head), body: lines.slice(end + 1).join("\n") };
}

export function writeHeaded({ head, body }: HeadedText): string {
  const lines = Object.entries(head).map(([key, value]) => {
    if (typeof value === "string") return `${key}: ${quoted(value)}`;
    return value.length === 0
      ? `${key}: []`
      : `${key}:\n${value.map((each) => `  - ${quoted(each)}`).join("\n")}`;
  });
  return `---\n${lines.join("\n")}\n---\n${body}`;
}

function inlineList(name: string, text: string): readonly string[] {
  if (!text.endsWith("]")) throw new TaskFormatError(name, "has a list that does not end on its line");
  const items = text.slice(1, -1).match(/\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+)/g) ?? [];
  return items.map((item) => scalar(item)).filter((item) => item !== "");
}

function scalar(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('"') && trimmed.endsWith('"') && trimmed.length > 1) {
    try {
      return String(JSON.parse(trimmed));
    } catch {
      return trimmed.slice(1, -1);
    }
  }
  if (trimmed.startsWith("'") && trimmed.endsWith("'") && trimmed.length > 1)
    return trimmed.slice(1, -1).replaceAll("''", "'");
  return trimmed;
}

function quoted(text: string): string {
  const plain =
    /^[A-Za-z0-9_][\w .,/@()+-]*$/.test(text) &&
    text === text.trim() &&
    !/^(?:true|false|null|yes|no|~)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
