/** Real files of other tools: each loads, and neither an empty update nor a rewrite of the same changes a byte. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { jsonDocument, jsonlLog, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import type { Tally } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

const corpus = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

export async function data({ tally, say }: PartContext): Promise<void> {
  for (const name of ["files", "bytes", "records", "damaged_files"]) tally.count(name, 0);
  if (!existsSync(corpus)) return tally.skip("real files", `${corpus} is not there`);
  const names = readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.jsonl?$/.test(name),
  );
  if (names.length === 0) return tally.skip("real files", `no JSON in ${corpus}`);
  for (const name of names.toSorted()) {
    const source = join(corpus, name);
    await tally.check(relative(corpus, source), () =>
      withTemporaryDirectory(async (directory) => {
        const path = join(directory, basename(name));
        copyFileSync(source, path);
        const bytes = readFileSync(source);
        tally.count("files");
        tally.count("bytes", bytes.length);
        tally.count(
          "records",
          name.endsWith(".jsonl") ? await rewriteLog(path, tally) : await updateDocument(path),
        );
        deepEqual(readFileSync(path), bytes, "bytes changed");
      }),
    );
  }
  say(`${names.length} files of ${corpus}`);
}

/** Everything is read; a rewrite that keeps every entry keeps every byte. A file with damaged lines is refused, and read around. */
async function rewriteLog(path: string, tally: Tally): Promise<number> {
  const lines = readFileSync(path, "utf8").split("\n");
  const sound = lines.filter((line) => line.trim() !== "" && isJson(line)).length;
  const damaged = lines.filter((line) => line.trim() !== "" && !isJson(line)).length;
  if (damaged > 0) {
    tally.count("damaged_files");
    await rejects(jsonlLog(path).read(), { code: "ERR_LOG_CORRUPT" });
    await rejects(
      jsonlLog(path).rewrite((entries) => [...entries]),
      { code: "ERR_LOG_CORRUPT" },
    );
  }
  const log = jsonlLog(path, { onCorrupt: damaged > 0 ? "skip" : "error" });
  equal((await log.read()).length, sound, "records read");
  if (damaged === 0) await log.rewrite((entries) => [...entries]);
  return sound;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

async function updateDocument(path: string): Promise<number> {
  const document = jsonDocument<unknown>(path);
  const value = await document.read();
  await updateJson(path, () => undefined);
  document.updateSync(() => undefined);
  await document.write(value);
  return 1;
}
