/**
 * A record given as the line it is to be stored as, for files whose bytes matter: numbers past 2^53, escapes and key order of
 * another program survive, which `JSON.stringify` of the record would not give back.
 *
 * Logs take it wherever they take a record. It is checked as a record is: one JSON value, its schema, its depth and length.
 *
 * @example
 * await log.append(new RecordLine('{"id":9007199254740993}'));
 */
export class RecordLine {
  /** One JSON value on one line, without its newline. */
  readonly text: string;

  constructor(text: string) {
    if (typeof text !== "string" || text.includes("\n"))
      throw new TypeError("text must be one line of JSON, without its newline");
    this.text = text;
  }
}
