import { test } from "vitest";
import { data } from "../src/data/data.ts";
import { environments } from "../src/environments/environments.ts";
import { hostile } from "../src/hostile/hostile.ts";
import { examine } from "./support/examine.ts";

test("P10, P11: hostile paths, bytes and values are refused and change nothing", async (context) => {
  await examine(context, hostile);
}, 300_000); // it starts a hundred programs

test("D6: real files load, and what changes nothing keeps every byte", async (context) => {
  await examine(context, data);
});

test("P10: full, read-only, starved and foreign places are refused, and work once they are not", async (context) => {
  await examine(context, environments);
});
