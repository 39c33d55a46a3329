import fc from "fast-check";
import { expect, it } from "vitest";
import type { StoreEntry } from "@flockwork/core";
import { readyIssues } from "../src/ready-issues.ts";
import { IssueState } from "../src/issue-state.ts";
import type { IssueRecord } from "../src/issue-line.ts";
import type { Issue } from "../src/issue.ts";
import { dependencyOf, issueOf } from "./support/issues.ts";

const ids = ["bd-a", "bd-b", "bd-c", "bd-d", "bd-e", "bd-f"];
const change = fc.record({
  id: fc.constantFrom(...ids),
  // The time may go back, and several changes may come between two questions.
  day: fc.constantFrom(1, 3, 3, 3, 5),
  isAsked: fc.boolean(),
  status: fc.constantFrom("open", "open", "closed", "in_progress", "tombstone", "pinned"),
  close_reason: fc.constantFrom("Done", "failed"),
  priority: fc.integer({ min: 0, max: 2 }),
  issue_type: fc.constantFrom("task", "task", "gate"),
  defer_until: fc.constantFrom(undefined, undefined, "2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z"),
  dependencies: fc.array(
    fc.tuple(
      fc.constantFrom("blocks", "parent-child", "conditional-blocks", "waits-for", "related"),
      fc.constantFrom(...ids, "bd-none", "external:x:y"),
      fc.constantFrom(undefined, '{"gate":"any-children"}', '{"spawner_id":"bd-a"}'),
    ),
    { maxLength: 3 },
  ),
});

it("what is kept between calls gives what working it out anew gives, whatever changes in whatever order", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 25 }), (changes) => {
      const state = new IssueState();
      for (const { id, dependencies, day, isAsked, ...fields } of changes) {
        const links = dependencies.map(([type, target, metadata]) =>
          dependencyOf(id, target, type, metadata),
        );
        const record: Issue = { ...issueOf(id), ...fields, dependencies: links };
        const text = JSON.stringify(record);
        state.apply(JSON.parse(text) as Issue, { record, text, position: 0 } as StoreEntry<IssueRecord>);
        if (!isAsked) continue;
        const nowMs = Date.parse(`2026-01-0${day}T00:00:00Z`);
        for (const options of [{ nowMs }, { nowMs, limit: 2 }])
          expect(state.ready(options)).toEqual(readyIssues(new Map(state.issues), options));
        expect(state.ready({ nowMs, order: "due", type: "gate" })).toEqual(
          readyIssues(new Map(state.issues), { nowMs, order: "due", type: "gate" }),
        );
      }
    }),
    { numRuns: 1_500 },
  );
});

it("many changes between two questions cost what one costs: a chain is walked once for all of them", () => {
  const state = new IssueState();
  const put = (n: number, title: string): void => {
    const record = {
      ...issueOf(`bd-${n}`, { title }),
      dependencies: [dependencyOf(`bd-${n}`, `bd-${n - 1}`)],
    };
    state.apply(record as unknown as IssueRecord, { text: JSON.stringify(record) });
  };
  const walks = (changes: number): number => {
    const before = walked;
    for (let n = 0; n < changes; n += 1) put(n, `changed ${before}`);
    state.ready({ nowMs: 0 });
    return walked - before;
  };
  for (let n = 0; n < 300; n += 1) put(n, "made");
  let walked = 0;
  // Each issue that is reached is looked up in the map of all issues.
  const issues = state.issues as Map<string, Issue>;
  const get = issues.get.bind(issues);
  issues.get = (id) => {
    walked += 1;
    return get(id);
  };
  state.ready({ nowMs: 0 });
  const one = walks(1);
  expect(walks(100)).toBeLessThan(3 * one);
});
