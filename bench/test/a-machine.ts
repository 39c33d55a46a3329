import type { Report } from "../src/measure/report.ts";

/** The machine of reports that are made up. */
export const aMachine: Report["machine"] = {
  cpu: "a processor",
  cores: 2,
  memoryGiB: 4,
  kernel: "6",
  fileSystem: "ext4",
  node: "v24",
  flockBinding: "addon",
  code: "source",
  loadBefore: 1,
  loadAfter: 2,
};
