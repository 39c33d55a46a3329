// What the neighbours in Node do, whatever their lock: hold|wait|try ex LOCK, where wait says "asking" first; count|append|map LOCK FILE TIMES [NAME],
// which says "ready", waits to be told, and pauses a little after each update.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const updates = {
  count: (file) => writeFileSync(file, String(Number(readFileSync(file, "utf8")) + 1)),
  append: (file, name) => appendFileSync(file, `${JSON.stringify({ by: name })}\n`),
  map(file, name) {
    const values = JSON.parse(readFileSync(file, "utf8"));
    values[name] = (values[name] ?? 0) + 1;
    writeFileSync(file, JSON.stringify(values));
  },
};

async function told() {
  const input = createInterface({ input: process.stdin });
  await new Promise((resolve) => input.once("line", resolve).once("close", resolve));
  input.close();
}

/** @param {{ lock: (path: string) => Promise<() => unknown>, attempt: (path: string) => Promise<(() => unknown) | undefined> }} locker */
export async function runPeer({ lock, attempt }) {
  const [verb, ...rest] = process.argv.slice(2);
  const update = updates[verb];
  if (update !== undefined) {
    const [path, file, times, name] = rest;
    let worst = 0;
    console.log("ready");
    await told();
    for (let done = 0; done < Number(times); done += 1) {
      const asked = performance.now();
      const unlock = await lock(path);
      worst = Math.max(worst, performance.now() - asked);
      update(file, name);
      await unlock();
      await pause(Math.random() * 2);
    }
    console.log(`worst ${worst.toFixed(1)}`);
  } else if (verb === "try") {
    const unlock = await attempt(rest[1]);
    console.log(unlock === undefined ? "busy" : "granted");
    await unlock?.();
  } else {
    if (verb === "wait") console.log("asking");
    const unlock = await lock(rest[1]);
    console.log("held");
    await told();
    await unlock();
    console.log("released");
  }
}
