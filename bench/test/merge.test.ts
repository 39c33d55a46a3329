import { describe, expect, test } from "vitest";
import { compare } from "../src/measure/comparison.ts";
import { mergeReports, whyApart } from "../src/measure/merge.ts";
import { toMarkdown, type Report } from "../src/measure/report.ts";
import { judge, unmeasured } from "../src/measure/row.ts";
import { toSvg } from "../src/picture/picture.ts";
import { aMachine } from "./a-machine.ts";

const known = ["updates", "reads", "peers"];

const row = (group: string | undefined, name: string, us: number) => ({
  ...(group === undefined ? {} : { group }),
  ...judge({ name, durability: "disk", unit: "us", ours: [us], goal: { compared: "ours", atMost: 10 } }),
});

const comparison = (group: string | undefined, name: string, us: number) => ({
  ...(group === undefined ? {} : { group }),
  ...compare({
    name,
    durability: "disk",
    metrics: [{ name: "p50", unit: "us", better: "less", drawn: true }],
    contenders: [{ name: "Flockwork", figures: { p50: [us] } }],
  }),
});

/** What `npm run bench -- document` leaves, of some groups. */
function reportOf(
  commit: string,
  date: string,
  groups: readonly string[],
  more: Partial<Report> = {},
): Report {
  const run = { command: "npm run bench -- document", commit, date, seed: 42 };
  const us = Number(date.slice(-2));
  return {
    family: "document",
    quick: false,
    ...run,
    machine: { ...aMachine, othersShare: us / 100 },
    versions: { steno: "4.0.2" },
    groups: groups.map((group) => ({ group, ...run, othersShare: us / 100, loadBefore: 1, loadAfter: us })),
    rows: groups.map((group) => row(group, `a row of ${group}`, us)),
    comparisons: groups.map((group) => comparison(group, `side by side of ${group}`, us)),
    ...more,
  };
}

const stored = reportOf("aaaaaaa", "2026-01-02", known);
const fresh = reportOf("bbbbbbb", "2026-01-05", ["reads"], {
  command: "npm run bench -- document --only reads",
  groups: [
    {
      group: "reads",
      command: "npm run bench -- document --only reads",
      commit: "bbbbbbb",
      date: "2026-01-05",
      seed: 42,
      othersShare: 0.05,
      loadBefore: 3,
      loadAfter: 4,
    },
  ],
});

const namesOf = ({ rows, comparisons }: Report) => [
  rows.map(({ group, name, ours }) => [group, name, ours]),
  comparisons.map(({ group, contenders }) => [group, contenders[0]?.figures[0]?.median]),
];

describe("groups measured anew, in a stored report", () => {
  test("take the place of theirs, and the others stay with where they come from", () => {
    const { report, dropped } = mergeReports(stored, fresh, known);
    expect(dropped).toEqual([]);
    expect(namesOf(report)).toEqual([
      [
        ["updates", "a row of updates", 2],
        ["reads", "a row of reads", 5],
        ["peers", "a row of peers", 2],
      ],
      [
        ["updates", 2],
        ["reads", 5],
        ["peers", 2],
      ],
    ]);
    expect(report.groups?.map(({ group, commit, date }) => [group, commit, date])).toEqual([
      ["updates", "aaaaaaa", "2026-01-02"],
      ["reads", "bbbbbbb", "2026-01-05"],
      ["peers", "aaaaaaa", "2026-01-02"],
    ]);
  });

  test("show in the table and in the picture: the newest commit, the range of days, and each group's own", () => {
    const { report } = mergeReports(stored, fresh, known);
    const [head, ...lines] = toMarkdown(report).split("\n");
    expect(head).toContain("newest commit bbbbbbb, 2026-01-02 to 2026-01-05, seed 42");
    expect(head).toContain("others had 2 to 5 % of the processors' time");
    expect(lines).toContain("- `reads`: others had 5 %, load 3 before and 4 after");
    expect(lines).toContain(
      "- `updates`: others had 2 %, load 1 before and 2 after, commit aaaaaaa, 2026-01-02, `npm run bench -- document`",
    );
    expect(toSvg(report).replaceAll(/<\/text>\n<text[^>]*>/g, " ")).toContain(
      "newest commit bbbbbbb, 2026-01-02 to 2026-01-05: npm run bench -- document --only reads; npm run bench -- document",
    );
  });

  test("leave nothing of a group that the family has no more, and say so", () => {
    const { report, dropped } = mergeReports(stored, fresh, ["reads", "peers"]);
    expect(dropped).toEqual(["updates: there is no such group any more"]);
    expect(report.groups?.map(({ group }) => group)).toEqual(["reads", "peers"]);
    expect(report.rows.map(({ group }) => group)).toEqual(["reads", "peers"]);
  });

  test("take no place where they came to nothing: what broke replaces no figures, and that is said", () => {
    const broken = { ...unmeasured("reads", "skipped", "no npm"), group: "reads" };
    const { report, dropped } = mergeReports(stored, { ...fresh, rows: [broken], comparisons: [] }, known);
    expect(dropped).toEqual(["reads: it has no figures now, and those that are stored stay"]);
    expect(namesOf(report)).toEqual(namesOf(stored));
    expect(report.groups).toEqual(stored.groups);
  });

  test("are a program of which the stored report knew no version", () => {
    const { report } = mergeReports(stored, { ...fresh, versions: { Redis: "7" } }, known);
    expect(report.versions).toEqual({ steno: "4.0.2", Redis: "7" });
  });
});

describe("figures that are not for one report", () => {
  test.each([
    [
      "are of another machine",
      { ...fresh, machine: { ...fresh.machine, cores: 8 } },
      "cores was 2, and is 8 now",
    ],
    [
      "are of built packages",
      { ...fresh, machine: { ...fresh.machine, code: "dist" as const } },
      "code was source, and is dist now",
    ],
    [
      "are beside another version of a peer",
      { ...fresh, versions: { steno: "5.0.0", Redis: "7" } },
      "steno was 4.0.2, and is 5.0.0 now",
    ],
    ["are without a peer", { ...fresh, versions: { Redis: "7" } }, "steno was 4.0.2, and is missing now"],
    ["are of a quick run", { ...fresh, quick: true }, "it is of a full run"],
  ])("%s", (_, other, why) => {
    expect(whyApart(stored, other)).toBe(why);
  });

  test("are in a report whose rows do not tell their groups", () => {
    const { groups: _groups, ...old } = stored;
    expect(whyApart(old, fresh)).toContain("do not tell their groups");
  });

  test("are not those of the same machine, whatever load it had, nor those beside what had no version yet", () => {
    const later = { ...fresh.machine, loadBefore: 9, loadAfter: 9, othersShare: 0.5 };
    expect(
      whyApart(stored, { ...fresh, machine: later, versions: { steno: "4.0.2", Redis: "7" } }),
    ).toBeUndefined();
  });
});
