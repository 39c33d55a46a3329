import { coreRegressions } from "./core.ts";
import { packageRegressions } from "./packages.ts";
import type { Regression } from "./regression.ts";

export const regressions: readonly Regression[] = [...coreRegressions, ...packageRegressions];
