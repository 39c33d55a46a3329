import { test } from "vitest";
import { backendConformance } from "../src/conformance/backends/backend-conformance.ts";
import { backends } from "../src/conformance/backends/backends.ts";
import { examine } from "./support/examine.ts";

for (const name of ["flock through addon", "proper-lockfile"]) {
  test(`P1, P2, P9, P13, D1-D6, G1-G5: the contract holds over ${name}`, async (context) => {
    const chosen = backends.filter((backend) => backend.name === name);
    await examine(context, (part) => backendConformance(part, chosen));
  });
}
