/** Program: replaces a file with one letter, repeated; the letter and the length change each time. Arguments: file, times, number. */
import { replaceFile } from "../harness/core.ts";

const [path = "", times = "0", number = "0"] = process.argv.slice(2);
for (let round = 0; round < Number(times); round += 1) {
  const letter = String.fromCharCode(97 + ((Number(number) + round) % 26));
  const bytes = 1 + ((round * 7919 + Number(number) * 104_729) % 100_000);
  await replaceFile(path, letter.repeat(bytes), { durability: "os", timeoutMs: Infinity });
}
