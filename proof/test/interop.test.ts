import { test } from "vitest";
import { interopOf } from "../src/interop/interop.ts";
import { examine } from "./support/examine.ts";

test(
  "P1, P2, P9: neighbours in other languages and we exclude each other",
  { timeout: 300_000 },
  async (context) => {
    const columns = ["ours keeps them out", "theirs keeps us out", "counter"];
    await examine(
      context,
      async (part) => void (await interopOf(part, { updates: 100, sections: 200, columns })),
    );
  },
);
