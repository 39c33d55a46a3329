/** Program: lets one look see the packages beside it. Arguments: its name, --seed, a number. Exit code 1: it found something. */
import { Random } from "../harness/random.ts";
import { describe, Tally } from "../harness/tally.ts";
import { lookCalled } from "./looks.ts";

const [name = "", , seedText = "1"] = process.argv.slice(2);
const seed = Number(seedText);
const tally = new Tally((text) => console.log(text));
try {
  const look = await lookCalled(name);
  await look({ long: false, seed, random: new Random(seed), tally, say: () => undefined });
} catch (error) {
  tally.fail(`${name} broke`, describe(error));
}
console.log(tally.line(name, seed));
process.exit(tally.failed > 0 ? 1 : 0);
