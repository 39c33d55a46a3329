// Runs the addon under gcc's sanitizers and says what they found. Linux only; needs gcc with libasan and libtsan.
//   1. the waiting threads alone, under ThreadSanitizer, then AddressSanitizer and UndefinedBehaviorSanitizer
//   2. the soak and the binding contract in real Node processes, under AddressSanitizer with leak detection
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { compile, compileAddon, findHeaders, nativeSources } from "./compile-addon.ts";
import { hostTarget } from "./targets.ts";

const directory = mkdtempSync(join(tmpdir(), "flockwork-sanitize-"));
const reports = join(directory, "reports");
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const sanitizerFlags = ["-g", "-O1", "-fno-omit-frame-pointer"];
const ours = nativeSources();
const failures: string[] = [];

function run(title: string, command: string, values: readonly string[], environment: object): void {
  const { status } = spawnSync(command, values, {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (status !== 0) failures.push(`${title} ended with ${status}`);
}

/** The sanitizers' runtime, loaded before Node, which was built without. */
function runtimeLibrary(): string {
  const { stdout } = spawnSync("gcc", ["-print-file-name=libasan.so"], { encoding: "utf8" });
  return stdout.trim();
}

mkdirSync(reports);
for (const sanitizers of ["thread", "address,undefined"]) {
  const program = join(directory, `wait-stress-${sanitizers}`);
  const sources = [...nativeSources({ withNode: false }), at("../test/native/wait-stress.c")];
  compile("gcc", [...sanitizerFlags, `-fsanitize=${sanitizers}`, "-std=gnu11", ...sources, "-o", program]);
  run(`wait-stress under ${sanitizers}`, program, [directory, "300"], {});
}

const target = { ...hostTarget(), compiler: "gcc", flags: [...sanitizerFlags, "-fsanitize=address"] };
compileAddon(target, findHeaders(), directory);
const environment = {
  LD_PRELOAD: runtimeLibrary(),
  ASAN_OPTIONS: `log_path=${join(reports, "asan")}`,
  LSAN_OPTIONS: "exitcode=0", // Node leaves things behind, too: ours are told apart below
  "@FLOCKWORK/FLOCK_PREBUILD": directory, // where node-gyp-build looks first
};
run("soak", process.execPath, [at("soak.ts"), process.argv[2] ?? "5000"], environment);
run("contract", "pnpm", ["-w", "exec", "vitest", "run", "packages/flock/test/addon.test.ts"], {
  FLOCKWORK_TEST_HOST_ENV: JSON.stringify(environment),
});

/** Errors count wherever they are; of the leaks, what the addon allocated, itself or through Node-API. */
function findingsIn(report: string): readonly string[] {
  return report.split("\n\n").filter((text) => {
    if (!text.includes("leak of")) return text.includes("ERROR: AddressSanitizer");
    const frames = text.split("\n");
    const first = frames.findIndex((frame) => ours.some((file) => frame.includes(file)));
    return first >= 0 && !frames.slice(0, first).some((frame) => frame.includes("v8::internal::"));
  });
}

const logs = readdirSync(reports).map((name) => readFileSync(join(reports, name), "utf8"));
for (const finding of logs.flatMap(findingsIn)) {
  console.log(finding);
  failures.push(finding.trim().split("\n", 1)[0] ?? "a report");
}
rmSync(directory, { recursive: true });
console.log(
  `sanitize ${failures.length === 0 ? "passed" : "FAILED"}: ${failures.length} findings ${failures.join("; ")}`,
);
process.exit(failures.length === 0 ? 0 : 1);
