// Compiles native/*.c for this machine into prebuilds/, with nothing but a C compiler and Node's own headers.
// Without a compiler it says so and succeeds, since the other bindings still work; a failed compilation fails.
//   node scripts/build-addon.ts [--required]      --required: no compiler is a failure, too
import { spawnSync } from "node:child_process";

import { compileAddon, findHeaders } from "./compile-addon.ts";
import { hostTarget } from "./targets.ts";

const target = hostTarget();
const required = process.argv.includes("--required");

if (spawnSync(target.compiler, ["--version"]).status !== 0) {
  console.error(
    `build-addon: SKIPPED, no C compiler (${target.compiler}). Locks will use koffi, fs-ext or flock(1) instead.\n` +
      "build-addon: to build it, install gcc or clang (apt-get install gcc libc6-dev, or xcode-select --install).",
  );
  process.exit(required ? 1 : 0);
}
console.log(`build-addon: ${compileAddon(target, findHeaders())}`);
