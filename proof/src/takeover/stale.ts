/** After how long proper-lockfile takes a lock for stale: the least that it accepts. */
export const staleMs = 2_000;
