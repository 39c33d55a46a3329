#!/usr/bin/env node
import { runMergeDriver } from "../merge/merge-driver.ts";

process.exitCode = await runMergeDriver(process.argv.slice(2), {
  say: (text) => void process.stderr.write(`${text}\n`),
});
