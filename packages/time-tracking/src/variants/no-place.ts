import { TimeFormatError } from "../errors.ts";

/** A file has no place for what was to be put there: something else stands there, or would be meant by it. */
export class NoPlaceError extends Error {}

/** Does what puts things into a file. @throws {TimeFormatError} it has no place for one of them. */
export function putInto<T>(file: string, put: () => T): T {
  try {
    return put();
  } catch (error) {
    throw error instanceof NoPlaceError ? new TimeFormatError(file, error.message) : error;
  }
}
