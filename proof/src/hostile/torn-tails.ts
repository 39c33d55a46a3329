/** T6: a log cut at every byte: exactly its whole lines are read, and the rest is set aside when somebody appends (P5). */
import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closeAppendFiles, closeIdleLocks, fileStore, jsonlLog } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import type { Random } from "../harness/random.ts";
import { onFastDisk } from "../states/states.ts";

/** How a log came to be: what was appended at once. A cut in the middle of a batch leaves the lines before it whole. */
interface TornLog {
  readonly name: string;
  readonly batches: readonly (readonly unknown[])[];
}

const logs: readonly TornLog[] = [
  { name: "four records", batches: [[{ a: 1 }], [{ text: "é😀" }], [[1, 2, 3]], ["last"]] },
  {
    name: "batches of records",
    batches: [
      [{ id: 1 }, { id: 2 }, { id: 3 }],
      [{ text: "\u2028 } \\n {" }, "", null, 0],
      [[[]], {}, "\u0000", "日本語"],
    ],
  },
  { name: "a record of some length", batches: [[{ first: true }], [{ text: "long ".repeat(100) }]] },
  { name: "one long record", batches: [[{ first: true }], [{ text: "long ".repeat(900) }]] },
];

/** What a tail may look like that nobody finished writing. None of it holds a newline. */
function tailsOf(random: Random): readonly (readonly [string, Buffer])[] {
  const noise = (length: number): Buffer =>
    Buffer.from(
      Array.from({ length }, () => {
        const byte = random.between(0, 255);
        return byte === 0x0a ? 0x0b : byte;
      }),
    );
  const line = Buffer.from('{"text":"é日😀"}');
  return [
    ["NUL bytes, as after a power loss", Buffer.alloc(4096)],
    ["one NUL byte", Buffer.alloc(1)],
    ["half a line, then NUL bytes", Buffer.concat([line.subarray(0, 6), Buffer.alloc(512)])],
    ["a whole record without its newline", Buffer.from('{"whole":true}')],
    ["a whole record and a carriage return", Buffer.from('{"whole":true}\r')],
    ["half of a character of two bytes", line.subarray(0, line.indexOf(0xc3) + 1)],
    ["a third of a character of three bytes", line.subarray(0, line.indexOf(0xe6) + 1)],
    ["three quarters of a character of four bytes", line.subarray(0, line.indexOf(0xf0) + 3)],
    ["a byte that begins no character", Buffer.from([0x22, 0xff])],
    ["a byte order mark", Buffer.from([0xef, 0xbb, 0xbf])],
    ["blanks", Buffer.from("  \t")],
    ...[1, 7, 64, 511, 4097].map((length): [string, Buffer] => [`${length} random bytes`, noise(length)]),
  ];
}

export async function tornTails({ tally, random, long }: PartContext): Promise<void> {
  await onFastDisk(async (scratch) => {
    let made = 0;
    const inDirectory = async (work: (directory: string) => Promise<void>): Promise<void> => {
      const directory = join(scratch, `${(made += 1)}`);
      mkdirSync(directory);
      await work(directory);
      closeAppendFiles();
      closeIdleLocks();
      rmSync(directory, { recursive: true });
    };
    for (const { name, batches } of logs) {
      const records = batches.flat();
      const whole = records.map((record) => `${JSON.stringify(record)}\n`).join("");
      await tally.check(`P5: ${name} are written as they are cut below`, () =>
        inDirectory(async (directory) => {
          for (const batch of batches) await jsonlLog(join(directory, "log.jsonl")).appendMany(batch);
          equal(readFileSync(join(directory, "log.jsonl"), "utf8"), whole);
        }),
      );
      const bytes = Buffer.from(whole);
      // In the short form the longest one, which spans several blocks, is cut here and there.
      for (let length = 0; length <= bytes.length; length += bytes.length > 1_000 && !long ? 97 : 1) {
        await tally.check(`P5: ${name}, cut after ${length} of ${bytes.length} bytes`, () =>
          inDirectory((directory) => keepsTheWhole(directory, bytes.subarray(0, length), records)),
        );
      }
      for (const [tail, after] of tailsOf(random)) {
        await tally.check(
          `P5: ${name}, with ${tail} at the end`,
          () => inDirectory((directory) => keepsTheWhole(directory, Buffer.concat([bytes, after]), records)),
          `the tail in base64: ${after.toString("base64").slice(0, 200)}`,
        );
      }
    }
  });
}

async function keepsTheWhole(directory: string, bytes: Buffer, records: readonly unknown[]): Promise<void> {
  const path = join(directory, "log.jsonl");
  writeFileSync(path, bytes);
  const end = bytes.lastIndexOf(0x0a) + 1;
  const kept = records.slice(0, bytes.subarray(0, end).filter((byte) => byte === 0x0a).length);
  deepEqual(await jsonlLog(path).read(), kept, "what is read");
  deepEqual(
    (await fileStore(directory).log({ name: "log.jsonl" }).read()).length,
    kept.length,
    "what a store reads",
  );
  deepEqual(readFileSync(path), bytes, "reading changed the file");
  await jsonlLog(path).appendMany(["next", "and one more"]);
  deepEqual(
    readFileSync(path),
    Buffer.concat([bytes.subarray(0, end), Buffer.from('"next"\n"and one more"\n')]),
    "after an append",
  );
  const aside = readdirSync(directory).filter((name) => name.includes(".torn-"));
  deepEqual(
    aside.map((name) => readFileSync(join(directory, name))),
    end === bytes.length ? [] : [bytes.subarray(end)],
    "what was set aside",
  );
}
