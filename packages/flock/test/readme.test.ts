import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { GrantCheck } from "../src/index.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(packageDirectory, "README.md"), "utf8");
const blocks = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, code = ""]) => code);
const directory = temporaryDirectory();
mkdirSync(join(directory, "node_modules", "@flockwork"), { recursive: true });
symlinkSync(packageDirectory, join(directory, "node_modules", "@flockwork", "flock"));
writeFileSync(join(directory, "package.json"), '{ "type": "module" }');

describe("the README", () => {
  it.each(blocks.map((code, index) => [index + 1, code] as const))(
    "has a block %i that runs",
    (index, code) => {
      writeFileSync(join(directory, "counter.json"), '{"count":1}');
      const file = join(directory, `block-${index}.ts`);
      writeFileSync(file, code);
      const values = ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning", file];
      const { status, stdout, stderr } = spawnSync(process.execPath, values, {
        cwd: directory,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(status).toBe(0);
      const promised = Array.from(
        code.matchAll(/console\.log\(\w+(?:\(\))?\); \/\/ "?(\w+)/g),
        ([, word]) => word,
      );
      expect(stdout.trim()).toBe(promised.join("\n"));
    },
  );

  it("lists every bit of GrantCheck with its number", () => {
    for (const [name, bit] of Object.entries(GrantCheck)) expect(readme).toContain(`\`${name}\` (${bit})`);
  });
});
