import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const soak = fileURLToPath(new URL("../scripts/soak.ts", import.meta.url));

it("5,000 random acquire, abort, timeout and release cycles leave no second owner, ghost lock, thread or descriptor", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [soak, "5000"], { encoding: "utf8" });
  expect(stderr.replace(/\(node:.*\n.*\n/g, "")).toBe("");
  expect(stdout).toMatch(/^soak passed: 5000 cycles .* 0 violations, 0 ghost locks/);
  expect(status).toBe(0);
});
