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
      expect(done.flat().filter((isDone) => isDone)).toHaveLength(80);
      expect(await queue.completed()).toBe(80);
      expect(await queue.claim()).toBeUndefined();
      await queue.close();
    },
  );
});

async function oneAfterTheOther(queue: QueueWay, jobs: number): Promise<boolean[]> {
  const done: boolean[] = [];
  for (let at = 0; at < jobs; at += 1) {
    await queue.enqueue({ payload: at });
    const complete = await queue.claim();
    await complete?.();
    done.push(complete !== undefined);
  }
  return done;
}
