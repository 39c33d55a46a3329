/**
 * Fencing tokens: each grant gets a higher one than every grant before it, whatever crashed, was compacted or deleted in
 * between. A token is a decimal string, because JSON numbers end at 2^53 and tokens must not.
 */
import { UnsupportedError } from "../errors.ts";
import { toInstant, type Instant } from "./clock.ts";

const tokenPattern = /^(?:0|[1-9]\d{0,37})$/;
const highestToken = "9".repeat(38);
const tokensPerMs = 1_000n;

/** Whether a value is a fencing token: a decimal string of at most 38 digits, without sign or leading zeros. */
export function isFencingToken(value: unknown): value is string {
  return typeof value === "string" && tokenPattern.test(value);
}

/** Whether a grant can get a higher token: after the highest there is, {@link nextFencingToken} throws. */
export function hasNextFencingToken(token: string | undefined): boolean {
  return token !== highestToken;
}

/** Less than 0, 0 or more than 0, as the first token is older, the same, or newer. @throws {TypeError} one is no token. */
export function compareFencingTokens(first: string, second: string): number {
  const [a, b] = [parseToken(first), parseToken(second)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The highest of some tokens: what the compaction of a log must keep of the leases it drops. Undefined for none. */
export function highestFencingToken(tokens: Iterable<string | undefined>): string | undefined {
  let highest: string | undefined;
  for (const token of tokens) {
    if (token === undefined) continue;
    if (highest === undefined || compareFencingTokens(token, highest) > 0) highest = token;
  }
  return highest;
}

/**
 * The token of the next grant: higher than `previous` and than `floor`, and not below the microseconds since 1970.
 *
 * While the record before it, or any floor that was kept, is there, nothing is asked of the clock. When all of that was
 * deleted, the new token is still the highest, provided that the wall clock is now later than it was at every grant before,
 * and that one lease is not granted more than a thousand times a millisecond, again and again.
 *
 * @param name - Says in messages what the token is of.
 * @throws {UnsupportedError} `ERR_UNSUPPORTED`: it would be longer than any reader accepts. Whoever wrote it down would hold what
 * counts as free for everybody else.
 */
export function nextFencingToken(
  previous: string | undefined,
  now: number | Instant,
  floor?: string,
  name: string = "what it was asked for",
): string {
  const { wallMs } = toInstant(now);
  const candidates = [BigInt(Math.max(0, Math.floor(wallMs))) * tokensPerMs];
  for (const token of [previous, floor]) if (token !== undefined) candidates.push(parseToken(token) + 1n);
  const next = String(candidates.reduce((highest, each) => (each > highest ? each : highest)));
  if (!isFencingToken(next))
    throw new UnsupportedError(
      `A fencing token above ${BigInt(next) - 1n} for ${name}`,
      "a token has at most 38 digits, so no other program could read this one. Set a lower token where that one is stored, once nobody works under it",
    );
  return next;
}

/** @throws {TypeError} it is no token. */
export function parseToken(token: string): bigint {
  if (!isFencingToken(token))
    throw new TypeError(`A fencing token is a decimal string, got ${JSON.stringify(token) ?? typeof token}`);
  return BigInt(token);
}
