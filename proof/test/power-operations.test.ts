import { expect, test } from "vitest";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { nothingYet, powerOperations, subjectNamed, subjectsOf } from "../src/power/operations.ts";

test("T4 excuses a part of these operations, each of one subject, and of no others", () => {
  const parted = powerOperations.filter((operation) => "isPart" in operation);
  expect(parted.map(({ name, subjects }) => [name, ...subjects])).toEqual([
    ["appendMany", "events.jsonl"],
    ["appendMany of 200 KiB", "events.jsonl"],
    ["fs appendFile", "notes.txt"],
    ["appendLinesSync", "journal.txt"],
    ["mail deliver", "mail"],
    ["mail deliver to the dead letters", "mail"],
  ]);
});

test.for(powerOperations.map((operation) => [operation.name, operation] as const))(
  "T4 knows what %s leaves, after whichever operation of the same subjects",
  ([, operation]) =>
    withTemporaryDirectory(async (directory) => {
      const related = powerOperations.filter(({ subjects }) =>
        subjects.some((subject) => operation.subjects.includes(subject)),
      );
      const names = subjectsOf(related);
      let expected = nothingYet(names);
      let round = 0;
      for (const each of [operation, ...related, operation]) {
        round += 1;
        await each.run(directory, round, "disk");
        expected = each.apply(expected, round);
        const held: Record<string, unknown> = {};
        for (const name of names) held[name] = await subjectNamed(name).observe(directory);
        expect(held, each.name).toEqual(expected);
      }
    }),
);
