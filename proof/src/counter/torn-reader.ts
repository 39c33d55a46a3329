/** Program: reads a file without any lock until its input ends, and counts reads that show more than one letter, or none. */
import { readFileSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";

const path = process.argv[2] ?? "";
let reads = 0;
let torn = 0;
const seen = new Set<string>();
let more = true;
process.stdin.once("end", () => (more = false)).resume();
while (more) {
  const text = readFileSync(path, "latin1");
  reads += 1;
  seen.add(text.charAt(0));
  if (text === "" || text !== text.charAt(0).repeat(text.length)) torn += 1;
  if (reads % 64 === 0) await rest(1); // or the readers have the processors, and not the writers
}
console.log(JSON.stringify({ reads, torn, contents: seen.size }));
