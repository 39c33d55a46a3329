import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

interface Billing {
  sessions: { hours: number; invoiced: boolean }[];
  invoices: number[];
}

/** Ten hours each, then the bill. Hours overwrite each other, and what two programs bill at once is billed twice. */
export function original(directory: string, { tell }: WorkerOfIdea): void {
  const path = join(directory, "time.json");
  for (let hour = 0; hour < 10; hour += 1) {
    const billing = read(path);
    billing.sessions.push({ hours: 1, invoiced: false });
    write(path, billing);
    tell("hour");
  }
  const billing = read(path);
  const open = billing.sessions.filter(({ invoiced }) => !invoiced);
  for (const session of open) session.invoiced = true;
  billing.invoices.push(open.length);
  write(path, billing);
}

function read(path: string): Billing {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Billing;
  } catch {
    return { sessions: [], invoices: [] };
  }
}

function write(path: string, billing: Billing): void {
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(billing, null, 2));
  renameSync(`${path}.${process.pid}`, path);
}
