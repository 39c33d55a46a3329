import { test } from "vitest";
import { interopOf } from "../src/interop/interop.ts";
import { examine } from "./support/examine.ts";

test("P1, P2: neighbours in other languages and we exclude each other", async (context) => {
  await examine(context, (part) => interopOf(part, { increments: 400, sections: 200 }));
});
