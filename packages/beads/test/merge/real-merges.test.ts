import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { mergeIssueTexts } from "../../src/merge/merge-texts.ts";
import { hasRealData, realData } from "../support/real-data.ts";

type Plain = Readonly<Record<string, unknown>>;
type Plains = ReadonlyMap<string, Plain>;

/** The oracle reads with JSON.parse and compares with Node's own equality: nothing of what is under test. */
function read(text: string): Plains {
  const records = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Plain);
  return new Map(records.map((record) => [record["id"] as string, record]));
}

function expectedIds(base: Plains, ours: Plains, theirs: Plains): Set<string> {
  const expected = new Set<string>();
  for (const id of new Set([...ours.keys(), ...theirs.keys()])) {
    if (ours.has(id) && theirs.has(id)) expected.add(id);
    else if (!base.has(id)) expected.add(id);
    else if (!isDeepStrictEqual(ours.get(id) ?? theirs.get(id), base.get(id))) expected.add(id);
  }
  return expected;
}

/** Every change that one side made to a field and the other did not; and elements of lists that one side added. */
function lostChanges(base: Plains, ours: Plains, theirs: Plains, merged: Plains): string[] {
  const lost: string[] = [];
  for (const [id, issue] of merged) {
    const versions = [base.get(id), ours.get(id), theirs.get(id)];
    const [before, our, their] = versions;
    if (our === undefined || their === undefined) {
      if (!isDeepStrictEqual(issue, our ?? their)) lost.push(`${id}: not as the only side that has it`);
      continue;
    }
    if ((our["status"] === "tombstone") !== (their["status"] === "tombstone")) continue;
    for (const field of new Set(versions.flatMap((each) => Object.keys(each ?? {})))) {
      const [b, o, t, m] = [before?.[field], our[field], their[field], issue[field]];
      if (field === "updated_at") continue;
      if (isDeepStrictEqual(o, t) ? !isDeepStrictEqual(m, o) : false)
        lost.push(`${id}.${field}: both agreed`);
      else if (isDeepStrictEqual(t, b) && !isDeepStrictEqual(m, o)) lost.push(`${id}.${field}: ours`);
      else if (isDeepStrictEqual(o, b) && !isDeepStrictEqual(m, t)) lost.push(`${id}.${field}: theirs`);
      if (!Array.isArray(o) || !Array.isArray(t)) continue;
      const held = (list: unknown, element: unknown): boolean =>
        Array.isArray(list) && list.some((each) => isDeepStrictEqual(whatItSays(each), whatItSays(element)));
      for (const element of [...(o as unknown[]), ...(t as unknown[])])
        if (!held(b, element) && !held(m, element)) lost.push(`${id}.${field}: an element`);
    }
  }
  return lost;
}

/** Two clones may add one dependency, each with its own time and name. */
function whatItSays(element: unknown): unknown {
  const { depends_on_id: target, type } = element as Plain;
  return target === undefined ? element : [target, type];
}

describe.skipIf(!hasRealData)("ten real merges", () => {
  const merges = hasRealData ? readdirSync(join(realData, "merges")) : [];

  it.each(merges)(
    "%s: no id and no one-sided change is lost; either side may be ours; twice is once",
    (name) => {
      const [base, ours, theirs] = ["base", "ours", "theirs"].map((file) =>
        readFileSync(join(realData, "merges", name, `${file}.jsonl`), "utf8"),
      ) as [string, string, string];
      const { text, conflicts } = mergeIssueTexts({ base, ours, theirs });
      const sides = [base, ours, theirs].map(read) as [Plains, Plains, Plains];
      const merged = read(text);

      expect(text.split("\n").filter(Boolean)).toHaveLength(merged.size); // each id once
      expect(new Set(merged.keys())).toEqual(expectedIds(...sides));
      expect(lostChanges(...sides, merged)).toEqual([]);
      // Nothing is made up: every line but those that both sides changed is a line of a side.
      const known = new Set(`${ours}\n${theirs}`.split("\n"));
      const changedByBoth = new Set(
        [...merged.keys()].filter((id) => {
          const [before, our, their] = sides.map((side) => side.get(id));
          return (
            our !== undefined &&
            their !== undefined &&
            !isDeepStrictEqual(our, their) &&
            !isDeepStrictEqual(our, before)
          );
        }),
      );
      const made = text.split("\n").filter((line) => line !== "" && !known.has(line));
      expect(made.filter((line) => !changedByBoth.has((JSON.parse(line) as { id: string }).id))).toEqual([]);

      const swapped = mergeIssueTexts({ base, ours: theirs, theirs: ours });
      expect(swapped.text).toBe(text);
      expect(swapped.conflicts).toHaveLength(conflicts.length);
      for (const again of [
        { base, ours: text, theirs },
        { base, ours, theirs: text },
        { base: theirs, ours: text, theirs },
        { base: text, ours: text, theirs: text },
      ])
        expect(mergeIssueTexts(again).text).toBe(text);
      expect(text).not.toMatch(/^(<<<<<<<|=======|>>>>>>>)/m);
    },
  );

  it("a merge of a file with itself gives back every byte", () => {
    for (const name of ["issues-2025-10-16", "issues-2026-02-27", "export-2026-06"]) {
      const text = readFileSync(join(realData, `${name}.jsonl`), "utf8");
      expect(mergeIssueTexts({ base: "", ours: text, theirs: text }).text, name).toBe(text);
    }
  });

  it("a recorded merge that holds conflict markers is refused, with the line of the first", () => {
    const recorded = readFileSync(join(realData, "merges/2025-10-16-3acaebf191/recorded.jsonl"), "utf8");
    expect(() => mergeIssueTexts({ base: "", ours: recorded, theirs: "" })).toThrow(
      expect.objectContaining({ code: "ERR_CONFLICT_MARKERS", line: 1 }) as Error,
    );
  });
});
