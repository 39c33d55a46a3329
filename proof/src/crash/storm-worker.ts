/**
 * Program: changes one document and one log until it is killed, and reports what was acknowledged.
 * Arguments: document, log, own name, seed. It speaks of an attempt before it makes it, so that the judge knows what may be there.
 */
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { setTimeout as rest } from "node:timers/promises";
import { jsonDocument, jsonlLog } from "../harness/core.ts";
import { Random } from "../harness/random.ts";

const [documentPath = "", logPath = "", name = "", seed = "0"] = process.argv.slice(2);
const random = Random.of(Number(seed), name);
const document = jsonDocument<Record<string, number>>(documentPath, { timeoutMs: Infinity });
const log = jsonlLog(logPath, { timeoutMs: Infinity });

flushCompileCache(); // it will be killed: the next ones start three times as fast
writeSync(1, "ready\n");
for (let round = 1; ; round += 1) {
  writeSync(1, `try document ${round}\n`);
  await document.update((draft) => void (draft[name] = (draft[name] ?? 0) + 1));
  writeSync(1, `acknowledged document ${round}\n`);
  writeSync(1, `try log ${round}\n`);
  await log.append({ by: name, round, text: "x".repeat(round % 500) });
  writeSync(1, `acknowledged log ${round}\n`);
  await rest(random.between(0, 150)); // or most of the time would go to calls that nobody is killed in
}
