import { describeBackend } from "./backend-contract.ts";

describeBackend({
  name: "flock through koffi",
  env: { FLOCKWORK_FLOCK_BINDING: "koffi" },
  kernel: true,
  namesHolder: true,
  sections: 80,
});
