/** A Redis of its own for each run: what is measured starts empty, and nothing of it is left. */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MissingHereError } from "./baselines.ts";
import { hasProgram } from "./has-program.ts";
import { LineProgram } from "./line-program.ts";
import { removeScratch, scratchDirectory } from "./scratch.ts";

export interface RedisServer {
  /** Where it listens; nowhere else. */
  readonly socket: string;
  stop(): Promise<void>;
}

/** Why there is none, or undefined. */
export function whyNoRedis(): string | undefined {
  return hasProgram("redis-server")
    ? undefined
    : "there is no redis-server here: Debian has it as redis-server";
}

/** It does not read its input: a second program does, and kills it once the bench is gone, whatever ended that. */
const tied = 'exec 3<&0; (cat <&3; kill -9 $$) >/dev/null 2>&1 & exec 3<&-; exec redis-server "$@"';

/**
 * @param directory - Of its append-only file, on the file system under test.
 * @param appendfsync - Its own word for when that file is synced: `always` before it answers, `everysec` once a second.
 * @throws {MissingHereError} this machine has no Redis.
 */
export async function startRedis(
  directory: string,
  appendfsync: "always" | "everysec",
): Promise<RedisServer> {
  const why = whyNoRedis();
  if (why !== undefined) throw new MissingHereError(why);
  mkdirSync(directory, { recursive: true });
  const place = scratchDirectory(tmpdir(), "flockwork-redis"); // a socket's path may have 107 bytes
  const socket = join(place, "redis.sock");
  const options = { port: 0, unixsocket: socket, dir: directory, save: "", appendonly: "yes", appendfsync };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = new LineProgram("sh", ["-c", tied, "redis-server", ...args]);
  const stop = async (): Promise<void> => {
    server.kill();
    await server.ended();
    removeScratch(place);
  };
  try {
    while (!/ready to accept connections/i.test(await server.nextLine())) continue;
  } catch (error) {
    await stop();
    throw error;
  }
  return { socket, stop };
}
