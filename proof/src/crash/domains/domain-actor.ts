/**
 * Program: performs one call of a domain package between two marks, as `../actor.ts` does core's.
 * Arguments: operation, directory, a directory to warm up in.
 */
import { betweenMarks } from "../between-marks.ts";
import { domainOperation } from "./all-domains.ts";

const [name = "", directory = "", warmDirectory = ""] = process.argv.slice(2);
const operation = await domainOperation(name);

await operation.run(warmDirectory, 1);
await betweenMarks(directory, async () => {
  try {
    await operation.run(directory, 1);
    return "done";
  } catch (error) {
    const { code, name: kind } = error as { code?: unknown; name?: unknown };
    return JSON.stringify({ code, kind, message: String(error) });
  }
});
