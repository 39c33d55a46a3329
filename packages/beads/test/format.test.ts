import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  compareInstants,
  contentHash,
  faultsOfIssue,
  hashId,
  idLength,
  instantToNs,
  issueSchema,
} from "../src/index.ts";
import { instantAfter } from "../src/instant.ts";
import { childId, freeHashId, parentOf, prefixOf } from "../src/issue-id.ts";
import { editLine, lineOfIssue } from "../src/issue-line.ts";
import { issueOf } from "./support/issues.ts";

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

describe("ids", () => {
  const source = { title: "t|x", description: "d", creator: "ann", createdNs: 1_700_000_000_000_000_001n };

  it.each([
    [3, 2],
    [4, 3],
    [5, 4],
    [6, 4],
    [7, 5],
    [8, 5],
  ])(
    "of %i characters are made from %i bytes of the hash, least significant digits, padded",
    (length, bytes) => {
      for (let nonce = 0; nonce < 50; nonce += 1) {
        const digest = sha256(`t|x|d|ann|1700000000000000001|${nonce}`).subarray(0, bytes);
        const digits = digest.reduce((all, byte) => all * 256n + BigInt(byte), 0n).toString(36);
        const expected =
          digits.length >= length ? digits.slice(digits.length - length) : digits.padStart(length, "0");
        expect(hashId("bd", source, length, nonce)).toBe(`bd-${expected}`);
      }
    },
  );

  it("grow with the number of issues, exactly where bd's do", () => {
    for (const [most, length] of [
      [163, 3],
      [983, 4],
      [5_898, 5],
      [35_389, 6],
      [212_339, 7],
    ] as const) {
      expect(idLength(most)).toBe(length);
      expect(idLength(most + 1)).toBe(length + 1);
    }
    expect([idLength(0), idLength(10_000_000)]).toEqual([3, 8]);
  });

  it("that are taken are passed over: ten nonces, then a longer one", () => {
    const taken = new Set<string>();
    const isTaken = (id: string): boolean => taken.has(id);
    for (let made = 0; made < 70; made += 1) {
      const id = freeHashId("bd", source, 1, isTaken);
      expect(taken.has(id)).toBe(false);
      taken.add(id);
    }
    expect([...taken].slice(0, 11).map((id) => id.length - 3)).toEqual([3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]);
  });

  it("of children name their parent, at most three deep; prefixes may have dashes", () => {
    expect(childId("bd-a.1.2", 3)).toBe("bd-a.1.2.3");
    expect(() => childId("bd-a.1.2.3", 1)).toThrow(RangeError);
    expect(parentOf("bd-a.1.12")).toEqual({ parent: "bd-a.1", number: 12 });
    expect(parentOf("bd-a")).toBeUndefined();
    expect(prefixOf("my-rig-a3f.1.2")).toBe("my-rig");
    expect(prefixOf("nodash")).toBeUndefined();
  });
});

describe("content hashes", () => {
  it("cover the fields of their version in order, each followed by NUL", () => {
    const issue = issueOf("bd-a", {
      title: "T",
      description: "D",
      priority: 0,
      pinned: true,
      metadata: { k: 1 },
      bonded_from: [{ source_id: "s", bond_type: "b" }],
      creator: { name: "n", platform: "p" },
      quality_score: 0.5,
      crystallizes: true,
      timeout: 9_007_199_254_740_993n,
      waiters: ["w1", "w2"],
      holder: "h",
      payload: "{}",
    });
    const head = [
      "T",
      "D",
      "",
      "",
      "",
      "",
      "open",
      "0",
      "task",
      "",
      "",
      "",
      "",
      "",
      "pinned",
      '{"k":1}',
      "",
      "s",
      "b",
      "",
    ];
    const gate = ["", "", "9007199254740993", "w1", "w2"];
    const tail = ["", "", "", "", "", "{}"];
    const hex = (parts: readonly string[]): string =>
      sha256(parts.map((part) => `${part}\0`).join("")).toString("hex");
    expect(contentHash(issue)).toBe(hex([...head, ...gate, ...tail]));
    const old = [
      ...head,
      "n",
      "p",
      "",
      "",
      "0.500000",
      "crystallizes",
      ...gate,
      "h",
      "",
      "",
      "",
      "",
      "",
      ...tail,
    ];
    expect(contentHash(issue, "0.49")).toBe(hex(old));
    expect(contentHash({ ...issue, id: "other", updated_at: "x", labels: ["l"] })).toBe(contentHash(issue));
    const exact = contentHash({ ...issue, metadata: { n: 9007199254740993n } });
    expect(exact).toBe(contentHash(issue, "1.0", '{"n":9007199254740993}'));
    const score = contentHash({ ...issue, quality_score: 2n ** 60n } as never, "0.49");
    expect(score).toBe(contentHash({ ...issue, quality_score: 2 ** 60 }, "0.49"));
  });
});

describe("instants", () => {
  it("are compared to the nanosecond, whatever their offset", () => {
    expect(compareInstants("2026-01-01T00:00:00.123456789Z", "2026-01-01T01:00:00.12345679+01:00")).toBe(-1);
    expect(compareInstants("2026-01-01T00:00:00Z", "2025-12-31T19:00:00-05:00")).toBe(0);
    expect(instantToNs("1969-12-31T23:59:59.5Z")).toBe(-500_000_000n);
    for (const text of ["", "2026-01-01", "2026-13-01T00:00:00Z", "x", 5])
      expect(instantToNs(text)).toBeUndefined();
  });

  it("that follow another are strictly later, however the clock stands", () => {
    const now = Date.parse("2026-01-01T00:00:00.120Z");
    expect(instantAfter(undefined, now)).toBe("2026-01-01T00:00:00.12Z");
    expect(instantAfter("2027-01-01T00:00:00.999999999+01:00", now)).toBe("2026-12-31T23:00:01Z");
    expect(instantAfter("2026-01-01T00:00:00.12Z", now)).toBe("2026-01-01T00:00:00.120000001Z");
  });
});

describe("lines", () => {
  it("of new issues have bd's order of fields; edits keep every other byte", () => {
    const line = lineOfIssue(issueOf("bd-a", { zz: 1, labels: ["l"], timeout: 2n ** 63n - 1n }));
    expect(Object.keys(JSON.parse(line) as object)).toEqual(
      "id title status priority issue_type created_at updated_at labels zz timeout".split(" "),
    );
    expect(line).toContain('"timeout":9223372036854775807');
    expect(line).not.toContain("\n");
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const metadata of [new Map([[1, 2]]), [() => 1], cycle, 2 ** 60, Infinity])
      expect(() => lineOfIssue(issueOf("bd-a", { metadata }))).toThrow();
    expect(lineOfIssue(issueOf("bd-a", { metadata: new Date(0) }))).toContain(
      '"metadata":"1970-01-01T00:00:00.000Z"',
    );
    expect(editLine('{"id":"x", "a":1.0,"b":"\\u003c"}', { c: null, d: undefined }, ["nope"])).toBe(
      '{"id":"x", "a":1.0,"b":"\\u003c","c":null}',
    );
  });

  it("a field of the wrong type is told once, and the rules of the others all the same", () => {
    const faults = faultsOfIssue({ ...issueOf("bd-a", { priority: 9 }), title: null });
    expect(faults.map(({ path }) => path)).toEqual([["title"], ["priority"]]);
    for (const none of [null, 5, "x", []]) expect(faultsOfIssue(none)).toHaveLength(1);
  });

  it("the rules between fields are bd's", () => {
    const at = "2026-01-01T00:00:00Z";
    const faults = (fields: object): string[] =>
      faultsOfIssue({ ...issueOf("bd-a"), ...fields }).map(({ path }) => path.join("."));
    expect(faults({})).toEqual([]);
    expect(issueSchema.safeParse(issueOf("bd-a", { anything: [1] })).success).toBe(true);
    expect(faults({ title: "x".repeat(501) })).toEqual(["title"]);
    expect(faults({ priority: 5 })).toEqual(["priority"]);
    expect(faults({ status: "closed" })).toEqual(["closed_at"]);
    expect(faults({ closed_at: at })).toEqual(["closed_at"]);
    expect(faults({ status: "tombstone" })).toEqual(["deleted_at"]);
    expect(faults({ ephemeral: true, no_history: true })).toEqual(["no_history"]);
    expect(faults({ estimated_minutes: -1 })).toEqual(["estimated_minutes"]);
    expect(faults({ estimated_minutes: null, status: "custom_status" })).toEqual([]);
    expect(
      faults({ dependencies: [{ issue_id: "a", depends_on_id: "b", type: "", created_at: at }] }),
    ).toEqual(["dependencies.0.type"]);
    expect(faults({ updated_at: "yesterday" })).toEqual(["updated_at"]);
  });
});
