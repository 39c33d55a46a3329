import { spawnSync } from "node:child_process";
import { copyFileSync, globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

import { temporaryDirectory } from "./support/temporary-directory.ts";

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));
const directory = temporaryDirectory();

const program = `
const { openSync } = require("node:fs");
const copies = process.argv.slice(1).map((path) => require(path));
const open = () => openSync("shared.lock", "a+");
const holder = open();
copies[0].tryLock(holder, true);
let left = copies.length;
const results = [];
for (const copy of copies) {
  const id = copy.wait(open(), true, (result) => {
    results.push(result);
    if ((left -= 1) === 0) console.log(results.join());
  });
  (function cancel() { if (!copy.cancel(id)) setTimeout(cancel, 1); })();
}`;

it("several copies of the addon in one process each wake their own waiters", () => {
  const [binary = ""] = globSync(`prebuilds/${process.platform}-${process.arch}/*.node`, {
    cwd: packageDirectory,
  });
  const copies = [1, 2, 3].map((copy) => join(directory, `${copy}.node`));
  for (const copy of copies) copyFileSync(join(packageDirectory, binary), copy);
  const values = ["--input-type=commonjs", "--eval", program, ...copies];
  const { stdout, stderr } = spawnSync(process.execPath, values, { cwd: directory, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout.trim()).toBe("0,0,0");
});
