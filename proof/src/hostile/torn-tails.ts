/** T6: a log cut at every byte: exactly its whole lines are read, and the rest is set aside when somebody appends (P5). */
import { deepEqual, equal } from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonlLog } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const records = [{ a: 1 }, { text: "é😀" }, [1, 2, 3], "last"];
const whole = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));

export async function tornTails({ tally }: PartContext): Promise<void> {
  for (let length = 0; length <= whole.length; length += 1) {
    await tally.check(`P5: a log cut after ${length} of ${whole.length} bytes`, () =>
      cutAt(whole.subarray(0, length)),
    );
  }
  const nulls = Buffer.concat([whole, Buffer.alloc(4096)]);
  await tally.check("P5: a log with NUL bytes at its end, as after a power loss", () => cutAt(nulls));
}

async function cutAt(bytes: Buffer): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "log.jsonl");
    writeFileSync(path, bytes);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const kept = records.slice(0, bytes.subarray(0, end).toString().split("\n").length - 1);
    deepEqual(await jsonlLog(path).read(), kept, "what is read");
    deepEqual(readFileSync(path), bytes, "reading changed the file");
    await jsonlLog(path).append("next");
    equal(readFileSync(path, "utf8"), `${bytes.subarray(0, end).toString()}"next"\n`, "after an append");
    const aside = readdirSync(directory).filter((name) => name.includes(".torn-"));
    deepEqual(
      aside.map((name) => readFileSync(join(directory, name))),
      end === bytes.length ? [] : [bytes.subarray(end)],
      "what was set aside",
    );
  });
}
