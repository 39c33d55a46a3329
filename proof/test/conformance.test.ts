import { test } from "vitest";
import { backends } from "../src/conformance/backends.ts";
import { conformanceOf } from "../src/conformance/conformance.ts";
import { examine } from "./support/examine.ts";

for (const name of ["flock through addon", "proper-lockfile"]) {
  test(`P1, P2, P9, P13, D1-D6, G1-G5: the contract holds over ${name}`, async (context) => {
    const chosen = backends.filter((backend) => backend.name === name);
    await examine(context, (part) => conformanceOf(part, chosen));
  });
}
