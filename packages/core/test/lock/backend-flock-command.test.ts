import { describeBackend } from "./backend-contract.ts";

describeBackend({
  name: "flock through flock-command",
  env: { FLOCKWORK_FLOCK_BINDING: "flock-command" },
  kernel: true,
  namesHolder: false,
  sections: 8,
});
