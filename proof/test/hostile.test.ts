import { test } from "vitest";
import { data } from "../src/data/data.ts";
import { hostile } from "../src/hostile/hostile.ts";
import { examine } from "./support/examine.ts";

test("P10, P11: hostile paths, bytes and values are refused and change nothing", async (context) => {
  await examine(context, hostile);
});

test("D6: real files load, and what changes nothing keeps every byte", async (context) => {
  await examine(context, data);
});
