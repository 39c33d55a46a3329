import { test } from "vitest";
import { beadsSizes, runBeads } from "../src/beads/beads.ts";
import { examine } from "./support/examine.ts";

test("P1, P2, P3, P5: a few agents on one .beads directory, whole and killed, lose nothing and part no batch", (context) =>
  examine(context, (part) => runBeads(part, beadsSizes.test)).then(() => undefined));
