import { faultOfId } from "./arguments.ts";
import { TimeFormatError } from "./errors.ts";

/** Checks ids that a file says, before a call is made with them as if somebody had given them. @throws {TimeFormatError} naming one that is none. */
export function checkStoredIds(file: string, of: string, ids: Readonly<Record<string, unknown>>): void {
  for (const [name, id] of Object.entries(ids)) {
    const fault = faultOfId(id);
    if (fault !== undefined)
      throw new TimeFormatError(file, `the ${name} of ${JSON.stringify(of.slice(0, 100))} ${fault}`);
  }
}
