/**
 * Program: clients of stores, one after the other. Argument: the module that opens them. Each line of input is what to open
 * and a plan; everything the client says is a line, and `{"done":true}` the last of them.
 */
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import type { Store } from "../core.ts";
import { runClient, type ClientPlan } from "./client.ts";

export interface ClientJob {
  readonly argument: string;
  readonly plan: ClientPlan;
}

const [module = ""] = process.argv.slice(2);
const { openStore } = (await import(module)) as { openStore: (argument: string) => Store | Promise<Store> };

function say(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

flushCompileCache(); // it may be killed: the next ones start three times as fast
say({ done: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { argument, plan } = JSON.parse(line) as ClientJob;
  const store = await openStore(argument);
  // CLOCK_MONOTONIC: one clock for all processes of this machine.
  await runClient(store, plan, (said) => say({ ...said, at: Number(process.hrtime.bigint()) }));
  await store.close();
  say({ done: true });
}
process.exit(0);
