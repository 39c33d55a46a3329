/**
 * Program: does one thing with a timer or a session between two marks, for a tracer that counts its system calls or kills it at
 * one of them. Arguments: what, directory, a directory to warm up in.
 */
import { betweenMarks } from "../crash/between-marks.ts";
import { acts } from "./project.ts";

const [what = "", directory = "", warmDirectory = ""] = process.argv.slice(2);
const act = acts[what];
if (act === undefined) throw new RangeError(`nothing is called ${what}`);

await (
  await act(warmDirectory)
)();
const run = await act(directory);
await betweenMarks(directory, async () => {
  await run();
  return "done";
});
