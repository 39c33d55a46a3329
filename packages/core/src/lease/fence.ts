/**
 * What a lease holder shows with each write: the name of the lease, and the fencing token it was
 * granted. A token is the decimal string of a bigint; a higher one was granted later.
 */
export interface Fence {
  /** The name of the lease the token belongs to. */
  readonly name: string;
  /** The decimal string of the token, as the lease record has it. */
  readonly token: string;
}
