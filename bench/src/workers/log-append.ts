/**
 * Durable appends of lines of 300 bytes. Arguments: file, way, callers at once. A line is either appends per caller, or
 * `for <seconds>`: as many as possible, answered with the number.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { jsonlLog, withWriteLock } from "@flockwork/core";
import { countLines } from "../measure/count-lines.ts";
import { answerLines, costOf } from "./line-server.ts";
import { openSqlite } from "./sqlite-document.ts";

const [path = "", way = "ours", callers = "1"] = process.argv.slice(2);
const record = { type: "note", at: "2026-01-01T00:00:00.000Z", text: "x".repeat(242) };
const line = `${JSON.stringify(record)}\n`;
if (line.length !== 300) throw new Error(`a line has ${line.length} bytes, not 300`);

interface Way {
  readonly append: () => Promise<unknown> | void;
  readonly appended: () => number;
}

function prepare(): Way {
  if (way === "sqlite") {
    const database = openSqlite(path);
    database.exec("CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, line TEXT)");
    const insert = database.prepare("INSERT INTO log (line) VALUES (?)");
    const count = database.prepare("SELECT count(*) AS lines FROM log");
    return {
      append: () => void insert.run(JSON.stringify(record)),
      appended: () => Number(count.get()?.["lines"]),
    };
  }
  const appended = (): number => countLines(path);
  if (way === "ours") {
    const log = jsonlLog<typeof record>(path);
    return { append: () => log.append(record), appended };
  }
  const fd = openSync(path, "a");
  process.once("exit", () => closeSync(fd));
  return {
    append: () =>
      withWriteLock(path, () => {
        writeSync(fd, `${JSON.stringify(record)}\n`);
        fdatasyncSync(fd);
      }),
    appended,
  };
}

const { append, appended } = prepare();
let expected = 0;

async function caller(appends: number): Promise<void> {
  for (let at = 0; at < appends; at += 1) await append();
}

async function appendFor(seconds: number): Promise<number> {
  let appends = 0;
  for (const endAt = performance.now() + seconds * 1000; performance.now() < endAt; appends += 1)
    await append();
  return appends;
}

await answerLines(async (order) => {
  if (order.startsWith("for ")) return { appends: await appendFor(Number(order.slice(4))) };
  const all = Number(order) * Number(callers);
  const cost = await costOf(all, () =>
    Promise.all(Array.from({ length: Number(callers) }, () => caller(Number(order)))),
  );
  expected += all;
  if (appended() !== expected) throw new Error(`${expected - appended()} lines lost`);
  return cost;
});
