/** What stands below the head of a file of a backlog: a description, acceptance criteria, and other sections. */
import { isDone } from "../flowforge/microtasks.ts";
import type { FlowForgeTask, Microtask } from "../flowforge/task.ts";

/** The sections of a body. */
export interface Sections {
  readonly description?: string | undefined;
  /** The acceptance criteria. */
  readonly microtasks: readonly Microtask[];
  /** Everything else, as it stands. */
  readonly rest: string;
  /** Sections of which something is in none of these. */
  readonly lost: readonly string[];
}

const aboutHeading = /^## Description[^\n]*\n/;
const criteriaHeading = /^## Acceptance Criteria[^\n]*\n/;
const comment = /<!--.*?-->/gs;
/** What Backlog.md itself puts around its sections. */
const mark = /<!-- (?:SECTION:[A-Z_]+|AC):(?:BEGIN|END) -->/g;
const checkbox = /^\s*- \[( |x|X)\] (?:#(\d+) )?(.*)$/gm;

export function sectionsOf(body: string): Sections {
  const parts = body.split(/^(?=## )/m);
  const about = parts.find((part) => aboutHeading.test(part));
  const list = parts.find((part) => criteriaHeading.test(part));
  const text = (about ?? "").replace(aboutHeading, "").replaceAll(mark, "");
  const boxes = (list ?? "").replace(criteriaHeading, "").replaceAll(mark, "");
  const description = text.replaceAll(comment, "").trim();
  const microtasks = [...boxes.matchAll(checkbox)].map(([, sign, number, title = ""], at) => ({
    id: Number(number ?? at + 1),
    title: title.trim(),
    completed: sign !== " ",
  }));
  const rest = parts
    .filter((part) => part !== about && part !== list)
    .join("")
    .trim();
  const lost = [
    ...(text.replaceAll(comment, "") === text ? [] : ["Description"]),
    ...(boxes.replaceAll(checkbox, "").trim() === "" ? [] : ["Acceptance Criteria"]),
  ];
  return { ...(description ? { description } : {}), microtasks, rest, lost };
}

export function bodyOf(task: FlowForgeTask, rest: string | undefined): string {
  const steps = (task.microtasks ?? []).map((step, at) => {
    const { id = at + 1, title = "" } = typeof step === "string" ? { title: step } : step;
    return `- [${isDone(step) ? "x" : " "}] #${id} ${title}`;
  });
  return [
    "",
    ...(task.description === undefined ? [] : ["## Description", "", task.description, ""]),
    ...(steps.length === 0 ? [] : ["## Acceptance Criteria", "", ...steps, ""]),
    ...(rest === undefined ? [] : [rest, ""]),
  ].join("\n");
}
