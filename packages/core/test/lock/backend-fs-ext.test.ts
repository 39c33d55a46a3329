import { describeBackend } from "./backend-contract.ts";

describeBackend({
  name: "flock through fs-ext",
  env: { FLOCKWORK_FLOCK_BINDING: "fs-ext" },
  kernel: true,
  namesHolder: true,
  sections: 80,
});
