/**
 * Program: reads and updates the registers of one JSON document, and says what it does before and after each step.
 * Arguments: document, own name, operations, seed. Waits for a line before it starts.
 */
import { createInterface } from "node:readline";
import { writeSync } from "node:fs";
import { jsonDocument, updateJson } from "../harness/core.ts";
import { Random } from "../harness/random.ts";

type Registers = Record<string, string>;

const [path = "", name = "", operations = "0", seed = "0"] = process.argv.slice(2);
const random = new Random(Number(seed));
const document = jsonDocument<Registers>(path);

/** CLOCK_MONOTONIC: one clock for all processes of this machine. */
function now(): number {
  return Number(process.hrtime.bigint());
}

function say(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

console.log("ready");
await new Promise((go) => createInterface({ input: process.stdin }).once("line", go));
for (let at = 0; at < Number(operations); at += 1) {
  const key = random.pick(["a", "b", "c"]);
  const kind = random.next() < 0.5 ? "read" : "update";
  const wrote = kind === "update" ? `${name}-${at}` : undefined;
  let saw: string | undefined;
  say({ begin: at, key, wrote, at: now() });
  if (wrote === undefined) {
    const way = random.between(0, 2);
    const value =
      way === 0 ? await document.read() : way === 1 ? document.readSync() : await document.readLocked();
    saw = value[key];
  } else {
    const recipe = (draft: Registers): void => {
      saw = draft[key];
      draft[key] = wrote;
    };
    const options = { timeoutMs: Infinity, durability: "os" } as const;
    if (random.next() < 0.3) document.updateSync(recipe, { timeoutMs: Infinity });
    else await updateJson<Registers>(path, recipe, options);
  }
  say({ end: at, saw, at: now() });
}
process.exit(0);
