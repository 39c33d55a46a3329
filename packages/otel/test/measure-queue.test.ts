import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { openQueue, type Queue } from "@flockwork/queue";
import { expect, it, onTestFinished } from "vitest";
import { measureQueue } from "../src/index.ts";
import { RecordingMeter } from "./recording-meter.ts";

function useQueue(meter: RecordingMeter): Queue<string, unknown> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-otel-"));
  const queue = openQueue<string, unknown>(fileStore(directory));
  onTestFinished(async () => {
    await queue.close();
    rmSync(directory, { recursive: true });
  });
  return measureQueue(queue, { name: "mail", meter });
}

const mail = { "messaging.system": "flockwork", "messaging.destination.name": "mail" };
const operation = (name: string, type: string): object => ({
  ...mail,
  "messaging.operation.name": name,
  "messaging.operation.type": type,
});

it("times sending, claiming and settling, and counts the messages", async () => {
  const meter = new RecordingMeter();
  const queue = useQueue(meter);
  await queue.enqueue("one");
  await queue.enqueueMany([{ payload: "two" }, { payload: "three" }]);
  const claims = await queue.claim({ limit: 2 });
  await claims[0]?.extend();
  await claims[0]?.complete();
  await claims[1]?.fail(new Error("no"));
  expect(meter.of("messaging.client.operation.duration").map(([, attributes]) => attributes)).toEqual([
    operation("enqueue", "send"),
    { ...operation("enqueue", "send"), "messaging.batch.message_count": 2 },
    operation("claim", "receive"),
    operation("extend", "settle"),
    operation("ack", "settle"),
    operation("ack", "settle"),
  ]);
  const sum = (name: string): number => meter.of(name).reduce((left, [value]) => left + value, 0);
  expect(sum("messaging.client.sent.messages")).toBe(3);
  expect(sum("messaging.client.consumed.messages")).toBe(claims.length);
  expect(meter.of("messaging.process.duration").map(([, attributes]) => attributes)).toEqual([
    operation("process", "process"),
    operation("process", "process"),
  ]);
  expect(await queue.stats()).toMatchObject({ completed: 1 });
});

it("names what went wrong, and lets it through", async () => {
  const meter = new RecordingMeter();
  const queue = useQueue(meter);
  await queue.enqueue("one");
  const [claim] = await queue.claim();
  await claim?.complete();
  await expect(claim?.complete()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
  const [, failed] = meter
    .of("messaging.client.operation.duration")
    .filter(([, attributes]) => attributes["messaging.operation.name"] === "ack");
  expect(failed?.[1]["error.type"]).toBe("ERR_STALE_FENCING_TOKEN");
});

it("measures the handlers of workers", async () => {
  const meter = new RecordingMeter();
  const queue = useQueue(meter);
  await queue.enqueue("one");
  await new Promise<void>((resolve) => {
    const worker = queue.worker(async (job) => {
      expect(job.payload).toBe("one");
      await Promise.resolve();
      resolve();
    });
    onTestFinished(async () => await worker.stop());
  });
  await expect.poll(() => meter.of("messaging.process.duration").length).toBe(1);
  expect(meter.of("messaging.client.consumed.messages")).toHaveLength(1);
});

it("refuses a queue without a name", () => {
  expect(() => measureQueue({}, { name: "" })).toThrow(TypeError);
});
