import type { Todo2Fields, Todo2Task } from "./task.ts";

/** The fields that would change. The order of tags and dependencies means nothing. */
export function changedFields(task: Todo2Task, fields: Todo2Fields): readonly string[] {
  return Object.keys(fields).filter((name) => {
    const before = task[name as keyof Todo2Task];
    const after = fields[name as keyof Todo2Fields];
    if (name === "tags" || name === "dependencies") return sorted(before) !== sorted(after);
    return JSON.stringify(before) !== JSON.stringify(after ?? undefined);
  });
}

function sorted(list: unknown): string {
  if (list === undefined) return "[]";
  return JSON.stringify(Array.isArray(list) ? list.map(String).toSorted() : list);
}
