/** Durable appends of lines of 300 bytes. Arguments: file, way, callers at once. A line is appends per caller. */
import { jsonlLog } from "@flockwork/core";
import { countLines } from "../measure/count-lines.ts";
import { answerLines, costOf } from "./line-server.ts";
import { openSqlite } from "./sqlite-document.ts";

const [path = "", way = "ours", callers = "1"] = process.argv.slice(2);
const record = { type: "note", at: "2026-01-01T00:00:00.000Z", text: "x".repeat(242) };

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
  const log = jsonlLog<typeof record>(path);
  return { append: () => log.append(record), appended: () => countLines(path) };
}

const { append, appended } = prepare();
let expected = 0;

async function caller(appends: number): Promise<void> {
  for (let at = 0; at < appends; at += 1) await append();
}

await answerLines(async (order) => {
  const all = Number(order) * Number(callers);
  const cost = await costOf(all, () =>
    Promise.all(Array.from({ length: Number(callers) }, () => caller(Number(order)))),
  );
  expected += all;
  if (appended() !== expected) throw new Error(`${expected - appended()} lines lost`);
  return cost;
});
