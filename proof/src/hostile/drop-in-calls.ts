/** The calls of `@flockwork/core/fs` that change files, which stand in for those of `node:fs`. */
import { dropIn } from "../harness/core.ts";
import type { PublicCall } from "./public-calls.ts";

type Draft = Record<string, unknown>;
const wait = { timeoutMs: 500 };
const change = (draft: Draft): void => void (draft["changed"] = true);

const call = (name: string, kind: PublicCall["kind"], run: (path: string) => unknown): PublicCall => ({
  name: `fs.${name}`,
  kind,
  locks: true,
  changes: true,
  asTheSystem: true,
  run,
});

export const dropInCalls: readonly PublicCall[] = [
  call("writeFile", "bytes", (path) => dropIn.writeFile(path, "replaced", wait)),
  call("writeFileSync", "bytes", (path) => dropIn.writeFileSync(path, "replaced", wait)),
  call("appendFile", "bytes", (path) => dropIn.appendFile(path, "appended\n", wait)),
  call("appendFileSync", "bytes", (path) => dropIn.appendFileSync(path, "appended\n", wait)),
  call("writeJson", "bytes", (path) => dropIn.writeJson(path, { replaced: true }, wait)),
  call("writeJsonSync", "bytes", (path) => dropIn.writeJsonSync(path, { replaced: true }, wait)),
  call("updateJson", "document", (path) => dropIn.updateJson(path, change, wait)),
  call("updateJsonSync", "document", (path) => dropIn.updateJsonSync(path, change, wait)),
];
