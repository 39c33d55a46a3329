import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acquireLockSync, lockMetrics } from "@flockwork/core";
import { expect, it, onTestFinished } from "vitest";
import { prometheusText } from "../src/prometheus.ts";

/** Reads a page as strictly as the exposition format says: each sample below its family's HELP and TYPE. */
function parse(page: string): Map<string, { type: string; samples: Map<string, number> }> {
  const families = new Map<string, { type: string; samples: Map<string, number> }>();
  let current: { name: string; type: string; samples: Map<string, number> } | undefined;
  let helped = "";
  expect(page.endsWith("\n")).toBe(true);
  for (const line of page.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-z_]+) \S.*$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    const sample = /^([a-z_]+)(?:\{([a-z]+="(?:[^"\\\n]|\\["\\n])*")\})? (-?\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(
      line,
    );
    if (help !== null) helped = help[1] ?? "";
    else if (type !== null) {
      const name = type[1] ?? "";
      expect(name).toBe(helped);
      expect(families.has(name)).toBe(false);
      current = { name, type: type[2] ?? "", samples: new Map() };
      families.set(name, current);
    } else {
      expect(sample, line).not.toBeNull();
      const base = sample?.[1]?.replace(current?.type === "histogram" ? /_(bucket|sum|count)$/ : /$^/, "");
      expect(base, line).toBe(current?.name);
      current?.samples.set(`${sample?.[1]}{${sample?.[2] ?? ""}}`, Number(sample?.[3]));
    }
  }
  return families;
}

it("every line is what Prometheus expects, buckets add up, and the numbers are those of this process", async () => {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-otel-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  acquireLockSync(join(directory, "state.json"), "exclusive").releaseSync();
  const families = parse(await prometheusText());
  const { acquisitions } = lockMetrics();
  expect(
    families.get("flockwork_lock_acquisitions_total")?.samples.get("flockwork_lock_acquisitions_total{}"),
  ).toBe(acquisitions);
  const waits = families.get("flockwork_lock_wait_seconds");
  expect(waits?.type).toBe("histogram");
  const buckets = [...(waits?.samples ?? [])]
    .filter(([name]) => name.includes("_bucket"))
    .map(([, value]) => value);
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  expect(waits?.samples.get('flockwork_lock_wait_seconds_bucket{le="+Inf"}')).toBe(acquisitions);
  expect(waits?.samples.get("flockwork_lock_wait_seconds_count{}")).toBe(acquisitions);
  for (const [name, { type }] of families) expect(name.endsWith("_total")).toBe(type === "counter");
});

it("queues are told apart by a label, whatever is in their name", async () => {
  const stats = { waiting: 3, delayed: 1, blocked: 0, claimed: 2, dead: 5, oldestWaitingMs: 1_500 };
  const queue = { stats: () => Promise.resolve(stats) };
  const families = parse(await prometheusText({ queues: { 'a"b\\c\n': queue, mail: queue } }));
  expect(families.get("flockwork_queue_depth")?.samples).toEqual(
    new Map([
      [String.raw`flockwork_queue_depth{queue="a\"b\\c\n"}`, 4],
      ['flockwork_queue_depth{queue="mail"}', 4],
    ]),
  );
  expect(
    families
      .get("flockwork_queue_oldest_age_seconds")
      ?.samples.get('flockwork_queue_oldest_age_seconds{queue="mail"}'),
  ).toBe(1.5);
  expect(families.get("flockwork_queue_dead")?.samples.get('flockwork_queue_dead{queue="mail"}')).toBe(5);
});
