import type { Backend } from "./contract.ts";

const flock = (binding: string): Backend => ({
  name: `flock through ${binding}`,
  options: { backend: "flock" },
  binding,
  shared: true,
});

/** Every way to hold a lock that exists, strongest first. */
export const backends: readonly Backend[] = [
  flock("addon"),
  flock("koffi"),
  flock("fs-ext"),
  flock("flock-command"),
  { name: "proper-lockfile", options: { backend: "proper-lockfile" }, shared: false },
];
