import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@flockwork/source", "node", "import", "default"] } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "proof/test/**/*.test.ts",
      "bench/test/**/*.test.ts",
      "examples/test/**/*.test.ts",
    ],
    // Tests fork real processes that run from source, through the same condition as vitest itself.
    execArgv: ["--conditions=@flockwork/source"],
    globalSetup: "./toolchain/testing/compile-cache.ts",
    // Most tests wait for processes: a machine of two processors runs two files at a time, not one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // They end what hangs. No test trusts them, or a lease of its own, to a machine that may stand still for seconds.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ["default", "./toolchain/summary-reporter.ts"],
  },
});
