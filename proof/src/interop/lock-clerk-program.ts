/** Program: takes exclusive locks and gives them back. Each line of input is a `ClerkCommand`, each answer a string in JSON. */
import { createInterface } from "node:readline";
import { StoreError, tryAcquireLock, type FileLock } from "../harness/core.ts";
import type { ClerkCommand } from "./lock-clerk.ts";

const held = new Map<string, FileLock>();

async function answer(command: ClerkCommand): Promise<string> {
  if ("release" in command) {
    await held.get(command.release)?.release();
    return "released";
  }
  const { take, options } = command;
  try {
    const lock = await tryAcquireLock(take, "exclusive", options);
    if (lock === undefined) return "busy";
    held.set(take, lock);
    return "granted";
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(JSON.parse(line) as ClerkCommand)));
