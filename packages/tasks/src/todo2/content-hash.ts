import { createHash } from "node:crypto";
import { inWords } from "../in-words.ts";
import type { Todo2Fields, Todo2Task } from "./task.ts";

/** exarp's fingerprint of what a task says: lower case, spaces collapsed. */
export function contentHash(content: string, longDescription: string = ""): string {
  const text = `${content} ${longDescription}`.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
  return createHash("sha256").update(text).digest("hex");
}

/** The fields to set, with the fingerprint that exarp keeps in a task's metadata brought up to what the task says then. */
export function withContentHash(task: Todo2Task, fields: Todo2Fields): Todo2Fields {
  const { metadata } = task;
  const { content, long_description: long } = { ...task, ...fields };
  if (content === task.content && long === task.long_description) return fields;
  if (Object.hasOwn(fields, "metadata") || typeof metadata?.["content_hash"] !== "string") return fields;
  const hash = contentHash(inWords(content ?? ""), inWords(long ?? ""));
  return { ...fields, metadata: { ...metadata, content_hash: hash } };
}
