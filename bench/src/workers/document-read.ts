/** Reads of a 10 KB JSON document that nobody changes. Arguments: file, `ours` or `parse`. A line is a count. */
import { readFileSync, writeFileSync } from "node:fs";
import { jsonDocument } from "@flockwork/core";
import { answerLines, costOf } from "./line-server.ts";
import { tenKilobytes, type TenKilobytes } from "./ten-kilobytes.ts";

const [path = "", way = "ours"] = process.argv.slice(2);
writeFileSync(path, JSON.stringify(tenKilobytes(), undefined, 2));
const document = jsonDocument<TenKilobytes>(path);
let seen = 0;

async function ours(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) seen += (await document.read()).items.length;
}

function parse(count: number): void {
  for (let at = 0; at < count; at += 1) {
    seen += (JSON.parse(readFileSync(path, "utf8")) as TenKilobytes).items.length;
  }
}

await answerLines(async (line) => {
  const count = Number(line);
  const cost = await costOf(count, () => (way === "ours" ? ours(count) : parse(count)));
  if (seen === 0) throw new Error("nothing was read");
  return cost;
});
