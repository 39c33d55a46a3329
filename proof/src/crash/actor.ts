/**
 * Program: performs one operation between two marks, for a tracer that counts its system calls or cuts it short.
 * Arguments: operation, directory, a directory to warm up in, rounds to do before the marks.
 */
import { betweenMarks } from "./between-marks.ts";
import { crashOperation } from "./operations.ts";

const [name = "", directory = "", warmDirectory = "", before = "0"] = process.argv.slice(2);
const operation = crashOperation(name);

await operation.run(warmDirectory, 1);
for (let round = 1; round <= Number(before); round += 1) await operation.run(directory, round);
await betweenMarks(directory, async () => {
  try {
    await operation.run(directory, Number(before) + 1);
    return "done";
  } catch (error) {
    const { code, name: kind } = error as { code?: unknown; name?: unknown };
    return JSON.stringify({ code, kind, message: String(error) });
  }
});
