/** What the suite needs of core. */
export * from "../harness/core.ts";
