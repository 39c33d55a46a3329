// Two processes move money between two files in opposite directions. Taken one by one, their locks would deadlock.
//   ./dev node --conditions=@flockwork/source examples/lock-all.ts
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockAll } from "@flockwork/core";

const transfersEach = 100;
const [role, fromPath = "", toPath = ""] = process.argv.slice(2);
await (role === "clerk" ? transfer(fromPath, toPath) : demonstrate());

async function transfer(from: string, to: string): Promise<void> {
  for (let count = 0; count < transfersEach; count += 1) {
    await lockAll([from, to], () => {
      writeBalance(from, readBalance(from) - 1);
      writeBalance(to, readBalance(to) + 1);
    });
  }
}

async function demonstrate(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  const [a, b] = [join(directory, "a.json"), join(directory, "b.json")];
  try {
    writeBalance(a, 1_000);
    writeBalance(b, 1_000);
    const clerks = [fork(import.meta.filename, ["clerk", a, b]), fork(import.meta.filename, ["clerk", b, a])];
    await Promise.all(clerks.map((clerk) => once(clerk, "exit")));
    const balances = await lockAll(
      [a, b].map((path) => ({ path, mode: "shared" })),
      () => [readBalance(a), readBalance(b)],
    );
    console.log(
      `proof: after ${2 * transfersEach} transfers both ways the balances are ${balances.join(" and ")}`,
    );
    process.exitCode = balances.every((balance) => balance === 1_000) ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readBalance(path: string): number {
  return (JSON.parse(readFileSync(path, "utf8")) as { balance: number }).balance;
}

/** In place is enough here: everybody who reads holds the lock, too. */
function writeBalance(path: string, balance: number): void {
  writeFileSync(path, JSON.stringify({ balance }));
}
