import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** First the one file, then the other: whoever dies in between has taken goods that nobody ordered. */
export async function original(directory: string, { id, tell, die }: WorkerOfIdea): Promise<void> {
  const stock = join(directory, "stock.json");
  for (let order = 0; order < 50; order += 1) {
    const { pieces } = JSON.parse(readFileSync(stock, "utf8")) as { pieces: number };
    writeFileSync(`${stock}.${process.pid}`, JSON.stringify({ pieces: pieces - 1 }));
    renameSync(`${stock}.${process.pid}`, stock);
    if (id === 0 && order === 25) await die();
    appendFileSync(
      join(directory, "orders.jsonl"),
      `${JSON.stringify({ id: `${id}-${order}`, pieces: 1 })}\n`,
    );
    tell(`${id}-${order}`);
  }
}
