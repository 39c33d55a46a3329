import { expect, test } from "vitest";
import { killedAndStopped } from "../src/registry/killed-and-stopped.ts";
import { killedWhileEvicting } from "../src/registry/killed-while-evicting.ts";
import { registrySizes } from "../src/registry/registry.ts";
import { examine } from "./support/examine.ts";

const { agents, kills } = registrySizes.test;

test("P1, P2: agents that are processes, a few of them: who is killed is dead, who is stopped is not", (context) =>
  examine(context, (part) => killedAndStopped(part, agents)).then(() => undefined));

test("P3, P5: sweepers that are killed, a few of them, leave evictions whole", async (context) => {
  const tally = await examine(context, (part) => killedWhileEvicting(part, kills));
  expect(tally.counted("sweepers_killed")).toBe(kills);
});
