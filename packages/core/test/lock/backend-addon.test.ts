import { describeBackend } from "./backend-contract.ts";

describeBackend({
  name: "flock through addon",
  env: { FLOCKWORK_FLOCK_BINDING: "addon" },
  kernel: true,
  namesHolder: true,
  sections: 80,
});
