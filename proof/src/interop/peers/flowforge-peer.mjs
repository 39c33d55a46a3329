// A neighbour in Node in the shape of FlowForge's scripts: a JSON lock file created with `wx`, a heartbeat every 5 s, stale after 30 s or
// when its process is gone. Theirs remove a file that they cannot read, each other's fresh ones included: this one with PEER_REMOVES_UNREADABLE=1.
import { mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runPeer } from "./node-peer.mjs";

function record(path, lockId) {
  const now = Date.now();
  const holder = userInfo().username;
  return JSON.stringify({ pid: process.pid, lockId, timestamp: now, holder, file: path, heartbeat: now });
}

function isStale(path) {
  try {
    const { pid, heartbeat } = JSON.parse(readFileSync(path, "utf8"));
    if (Date.now() - heartbeat > 30_000) return true;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if (error instanceof SyntaxError) return process.env.PEER_REMOVES_UNREADABLE === "1";
    return error.code === "ESRCH";
  }
}

async function attempt(path) {
  mkdirSync(dirname(path), { recursive: true });
  const lockId = randomUUID();
  try {
    writeFileSync(path, record(path, lockId), { flag: "wx" });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (isStale(path)) rmSync(path, { force: true });
    return undefined;
  }
  const heartbeat = setInterval(() => writeFileSync(path, record(path, lockId)), 5_000).unref();
  return () => {
    clearInterval(heartbeat);
    if (JSON.parse(readFileSync(path, "utf8")).lockId !== lockId)
      throw new Error("somebody else has the lock that was held");
    unlinkSync(path);
  };
}

async function lock(path) {
  for (;;) {
    const unlock = await attempt(path);
    if (unlock !== undefined) return unlock;
    await pause(2);
  }
}

await runPeer({ lock, attempt });
