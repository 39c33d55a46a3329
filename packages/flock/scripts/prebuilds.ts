// Makes the binaries of the tarball that this machine can make: its own, and with cross compilers the other Linux
// ones. Writes prebuilds/SHA256SUMS over every binary there.
//   node scripts/prebuilds.ts [--max-glibc 2.28]      fails where a binary would need a newer glibc
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { compileAddon, findHeaders, packageDirectory } from "./compile-addon.ts";
import { crossTargets, hostTarget } from "./targets.ts";

const { values: options } = parseArgs({ options: { "max-glibc": { type: "string", default: "" } } });
const prebuilds = join(packageDirectory, "prebuilds");

/** The newest glibc a binary asks for, such as 2.34; undefined for musl and macOS. */
function neededGlibc(binary: Buffer): string | undefined {
  const versions = binary.toString("latin1").matchAll(/GLIBC_2\.(\d+)/g);
  const minors = Array.from(versions, ([, minor]) => Number(minor));
  return minors.length === 0 ? undefined : `2.${Math.max(...minors)}`;
}

const headers = findHeaders();
for (const target of [hostTarget(), ...crossTargets()]) {
  const title = [target.platform, target.arch, target.libc].filter(Boolean).join("-");
  if (spawnSync(target.compiler, ["--version"]).error !== undefined) {
    console.log(`prebuilds: ${title} skipped, no ${target.compiler}`);
    continue;
  }
  const binary = compileAddon(target, headers);
  const glibc = neededGlibc(readFileSync(binary));
  console.log(`prebuilds: ${title} ${glibc === undefined ? "" : `needs glibc ${glibc}`}`);
  const limit = options["max-glibc"];
  if (glibc === undefined || limit === "" || Number(glibc.slice(2)) <= Number(limit.slice(2))) continue;
  throw new Error(`${title} needs glibc ${glibc}, more than ${limit}: build it on an older system`);
}

const sums = globSync("*/*.node", { cwd: prebuilds })
  .toSorted()
  .map((path) => {
    const digest = createHash("sha256")
      .update(readFileSync(join(prebuilds, path)))
      .digest("hex");
    return `${digest}  ${path}\n`;
  });
writeFileSync(join(prebuilds, "SHA256SUMS"), sums.join(""));
console.log(sums.join(""));
