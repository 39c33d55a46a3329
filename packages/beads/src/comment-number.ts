import type { Comment } from "./issue.ts";

/** The number of a comment, as bd up to 0.49 gives them; undefined for any other id, and for none: another program may have left it out. */
export function numberOf({ id }: Comment): bigint | undefined {
  if (typeof id === "bigint") return id;
  return Number.isInteger(id) ? BigInt(id) : undefined;
}

/** What is stored for a number. */
export function asId(number: bigint): number | bigint {
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
}
