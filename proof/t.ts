import { act } from "./src/crash/act.ts";
import { crashOperation } from "./src/crash/operations.ts";
import { mkdtempSync } from "node:fs";
for (let i = 0; i < 6; i++) {
  const d = mkdtempSync("/tmp/fw/act-");
  const t = performance.now();
  const u = process.cpuUsage();
  const r = await act(crashOperation("replaceFile"), d, 0);
  console.log(performance.now() - t, (r as any).calls.length);
}
