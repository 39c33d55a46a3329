import { expect, test } from "vitest";
import { updateRows } from "../src/families/beads/beads.ts";
import { aloneRows } from "../src/families/time/times.ts";
import { Failures } from "../src/measure/failures.ts";
import type { Row } from "../src/measure/row.ts";

/** What a slow disk does to a row: on the clock it misses its goal, by processor time it does not. */
const verdicts = (rows: readonly Row[]): Record<string, string> =>
  Object.fromEntries(rows.map(({ name, baselineName, verdict }) => [`${name} | ${baselineName}`, verdict]));

test("an update of an issue that waits for a disk misses its goal, and a row of processor time says so by its name", () => {
  const cost = (wallUs: number) => [{ wallUs, cpuUs: 1_000 }];
  expect(verdicts(updateRows(20_000, { large: cost(9_000), small: cost(2_000) }))).toEqual({
    "durable update of one of 20000 issues | of one of a hundredth of them": "not met",
    "processor time of a durable update of one of 20000 issues | of one of a hundredth of them": "met",
  });
});

test("so does a start in a whole file", () => {
  const answers = (latencyMs: number) => [{ latenciesMs: [latencyMs], cpuMs: [70], ids: [] }];
  const rows = aloneRows(
    { document: answers(400), bare: answers(200), raw: answers(100) },
    new Failures(() => {}),
  );
  expect(verdicts(rows.filter(({ name }) => name.includes("a start or stop")))).toEqual({
    "a start or stop, of 50 000 entries that another changed | read, parse, write, fsync, rename": "not met",
    "a start or stop, of 50 000 entries that another changed | one field changed by core's document":
      "not met",
    "processor time of a start or stop, of 50 000 entries that another changed | read, parse, write, fsync, rename":
      "met",
    "processor time of a start or stop, of 50 000 entries that another changed | one field changed by core's document":
      "met",
  });
});
