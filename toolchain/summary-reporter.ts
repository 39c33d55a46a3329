import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line, `N passed, N failed, N skipped`, for people and machines alike. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let ran = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === "pending" ? "skipped" : state] += 1;
        ran += 1;
      }
      // A file that cannot even load has no tests to fail.
      if (module.state() === "failed" && (ran === 0 || module.errors().length > 0)) counts.failed += 1;
    }
    counts.failed += unhandledErrors.length;
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    const file = process.env["FLOCKWORK_TEST_SUMMARY"];
    if (file === undefined) console.log(line);
    else writeFileSync(file, line);
  }
}
