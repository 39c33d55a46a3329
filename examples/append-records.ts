// JSONL append: three processes write numbered events to one log.
//   ./dev node --conditions=@flockwork/source examples/append-records.ts [--race]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonlLog } from "@flockwork/core";
import { original } from "./append-records.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

interface Event {
  number: number;
  text: string;
}

await sideBySide({
  file: import.meta.filename,
  original,
  async flockwork(directory, { tell }) {
    const events = jsonlLog<Event>(join(directory, "events.jsonl"));
    for (let event = 0; event < 100; event += 1) {
      // Counting and appending under one lock. Where no number is needed, `events.append(record)` is all there is to it.
      const { value } = await events.transact((transaction) => {
        const number = transaction.records().length + 1;
        transaction.append({ number, text: "something happened" });
        return number;
      });
      tell(String(value));
    }
  },
  faults(directory, told) {
    const lines = readFileSync(join(directory, "events.jsonl"), "utf8").split("\n");
    const found = lines.map(numberOf).filter((number) => number !== undefined);
    const torn = lines.filter((line) => line !== "" && numberOf(line) === undefined).length;
    const missing = told.filter((number) => !found.includes(Number(number))).length;
    const twice = found.length - new Set(found).size;
    return [
      ...Array.from({ length: torn }, () => `${torn} lines are two lines in one`),
      ...Array.from({ length: missing }, () => `${missing} events are in no line`),
      ...Array.from({ length: twice }, () => `${twice} numbers were given twice`),
    ];
  },
});

function numberOf(line: string): number | undefined {
  try {
    return (JSON.parse(line) as Event).number;
  } catch {
    return undefined;
  }
}
