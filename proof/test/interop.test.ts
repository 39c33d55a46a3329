import { test } from "vitest";
import { interopOf } from "../src/interop/interop.ts";
import { examine } from "./support/examine.ts";

test(
  "P1, P2, P9: neighbours in other languages and we exclude each other",
  { timeout: 600_000 },
  async (context) => {
    const inFull = ["C flock(2)", "Node FlowForge JSON lock"];
    const size = { updates: 80, deaths: 1, patient: false, sections: 200, looks: 0, inFull };
    await examine(context, async (part) => void (await interopOf(part, size)));
  },
);
