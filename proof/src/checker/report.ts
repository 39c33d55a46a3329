import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PartContext } from "../harness/part.ts";
import { explain, timelineHtml, type Judgement, type Model } from "./library/index.ts";

const directory = fileURLToPath(new URL("../../build/", import.meta.url));

/** Fails with a short counter-example, and draws the whole history into `proof/build`. */
export function reportWrong<State, Input, Output>(
  { tally, seed }: Pick<PartContext, "tally" | "seed">,
  what: string,
  model: Model<State, Input, Output>,
  judgement: Judgement<Input, Output>,
): void {
  const example = explain(model, judgement);
  const history = judgement.culprit?.history ?? [];
  const file = `${directory}${what.replaceAll(/[^\w-]+/g, "-")}-${seed}.html`;
  mkdirSync(directory, { recursive: true });
  const { tell } = model;
  const same = example?.operations.map(({ client, begunAt }) => `${client} ${begunAt}`);
  const highlight = same && history.filter(({ client, begunAt }) => same.includes(`${client} ${begunAt}`));
  writeFileSync(file, timelineHtml(history, { title: what, tell, highlight, text: example?.text }));
  tally.fail(`${what} is ${judgement.verdict}`, `seed ${seed}, drawn in ${file}\n${example?.text ?? ""}`);
}
