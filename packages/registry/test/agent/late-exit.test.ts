/** A predecessor that is slow to end, and its successor: each a process, as in a restart that does not wait for the old one. */
import { fileStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { agentRegistry } from "../../src/index.ts";
import { temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/agent-worker.ts", import.meta.url);

it("P1: no successor is removed, or spoken for, by the late exit of its predecessor", async () => {
  const directory = temporaryDirectory();
  const agents = agentRegistry(fileStore(directory), { durability: "os" });
  const released: string[] = [];
  agents.onDeath("*", {
    name: "release",
    members: {},
    run: ({ generation }) => void released.push(generation),
  });
  const predecessor = new Worker(fixture, directory, "town/nux");
  const [resumeToken] = (await predecessor.sent(1)) as string[];
  const successor = new Worker(fixture, directory, "town/nux", resumeToken ?? "");
  await successor.sent(1);
  const { generation } = await agents.get("town/nux");

  predecessor.tell("say goodbye and leave");
  expect((await predecessor.sent(3)).slice(1)).toEqual(["ERR_STALE_GENERATION", "replaced"]);
  expect(await predecessor.exit()).toBe(0);
  await agents.sweep();
  expect(await agents.get("town/nux")).toMatchObject({ generation, liveness: "alive", status: "working" });

  successor.tell("say goodbye and leave");
  expect((await successor.sent(3)).slice(1)).toEqual(["said", "left"]);
  expect(await successor.exit()).toBe(0);
  await agents.sweep();
  expect(await agents.list()).toEqual([]);
  expect(released).toEqual([generation]);
});
