import { test } from "vitest";
import { counterCases, counterSizes } from "../src/counter/counter.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { examine } from "./support/examine.ts";

for (const [name, run] of counterCases(counterSizes.test)) {
  test(`T9, ${name}`, (context) =>
    examine(context, ({ tally }) =>
      tally.check(name, () => withTemporaryDirectory((directory) => run(directory, tally))),
    ).then(() => undefined));
}
