import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyMissing } from "../src/measure/peers.ts";
import { startRedis, whyNoRedis, type RedisServer } from "../src/measure/redis-server.ts";
import { openWay, type QueueWay } from "../src/workers/queue-ways.ts";

const place = mkdtempSync(join(tmpdir(), "bullmq-"));

describe.runIf(whyMissing("bullmq") === undefined && whyNoRedis() === undefined)("BullMQ", () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis(place, "everysec");
  });

  afterAll(async () => {
    await redis.stop();
    rmSync(place, { recursive: true });
  });

  test.for(["bullmq", "bullmq worker"])(
    "%s claims and completes each job once, and then nothing",
    async (way) => {
      const queue = openWay(`${way}:${redis.socket}`, `jobs of ${way}`, "os");
      const done = await Promise.all(Array.from({ length: 8 }, () => oneAfterTheOther(queue, 10)));
      expect(done.reduce((sum, each) => sum + each, 0)).toBe(80);
      expect(await queue.completed()).toBe(80);
      expect(await queue.claim()).toBeUndefined();
      await queue.close();
    },
  );
});

/** @returns How many it completed. A claim gives up soon: on a busy machine the job comes later. */
async function oneAfterTheOther(queue: QueueWay, jobs: number): Promise<number> {
  let done = 0;
  for (let at = 0; at < jobs; at += 1) await queue.enqueue({ payload: at });
  while (done < jobs) {
    const complete = await queue.claim();
    if (complete === undefined) continue;
    await complete();
    done += 1;
  }
  return done;
}
