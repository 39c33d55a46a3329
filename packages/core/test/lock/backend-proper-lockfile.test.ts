import { describeBackend } from "./backend-contract.ts";

describeBackend({
  name: "proper-lockfile",
  options: { backend: "proper-lockfile" },
  kernel: false,
  namesHolder: false,
  sections: 25,
});
