/** Rows of issues that others rest on. */

export const coreLog = "cold read of the same file by core's log, into a map";

const after = "for each byte of the file";

/** Of a process that opens, looks for work, and changes issues. */
export const agentMemory = {
  resident: `resident memory that opening, ready() and 100 updates add, ${after}`,
  inUse: `memory in use after opening, ready() and 100 updates, ${after}`,
  young: `V8's young generation after opening, ready() and 100 updates, ${after}`,
} as const;

/** Processes. */
export const appenders = 8;

export const issueAppends = (callers: number): string =>
  `append of an issue, ${appenders} processes, ${callers} ${callers === 1 ? "caller" : "callers"} each`;
