/** Program: reads a file without any lock until its input ends, and counts reads that show more than one letter, or none. */
import { readFileSync } from "node:fs";

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
  if (reads % 16 === 0) await new Promise((resume) => setImmediate(resume));
}
console.log(JSON.stringify({ reads, torn, contents: seen.size }));
