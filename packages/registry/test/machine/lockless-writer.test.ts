import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, it, onTestFinished } from "vitest";
import { realFileSystem, substituteFileSystem } from "../../../core/src/platform/file-system.ts";
import { machineRegistry } from "../../src/index.ts";
import { readJson, temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

it("P1: a change is made on top of what a program that our lock did not keep out wrote meanwhile", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "machines.json");
  const machines = machineRegistry(fileStore(directory), { durability: "os" });
  await machines.add({ name: "first", type: "ssh", host: "h" });
  const { revision } = await machines.listWithRevision();
  let times = 0;
  const restore = substituteFileSystem({
    lstatSync: (each) => {
      const isStaging = each === path && times < 2;
      const stats = realFileSystem.lstatSync(each);
      if (isStaging) {
        times += 1;
        const theirs = { name: "theirs", type: "ssh", host: `h${times}` };
        writeFileSync(path, JSON.stringify({ version: 1, machines: { theirs } }));
      }
      return stats;
    },
  });
  onTestFinished(restore);
  await machines.add({ name: "ours", type: "ssh", host: "h" });
  restore();
  expect(Object.keys(readJson(path)["machines"] ?? {}).toSorted()).toEqual(["ours", "theirs"]);
  await expect(
    machines.add({ name: "late", type: "ssh", host: "h" }, { expectedRevision: revision }),
  ).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
});
