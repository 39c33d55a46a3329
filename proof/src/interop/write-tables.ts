import { readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, release } from "node:os";
import type { PartContext } from "../harness/part.ts";

const page = new URL("../../../docs/interop.md", import.meta.url);

/** Puts measured tables between their marks in docs/interop.md. */
export function writeTables(
  tables: ReadonlyMap<string, readonly string[]>,
  { long, seed }: PartContext,
): void {
  let text = readFileSync(page, "utf8");
  const machine = `${cpus().length} cores, Linux ${release()} ${arch()}, Node ${process.version}`;
  const how = `Measured with \`npm run proof -- interop${long ? " --long" : ""} --seed ${seed}\` on ${machine}.`;
  for (const [name, rows] of tables) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [before, after] = [text.split(start)[0], text.split(end)[1]];
    if (before === undefined || after === undefined)
      throw new Error(`docs/interop.md has no place for the table ${name}`);
    text = `${before}${start}\n\n${rows.join("\n")}\n\n${how}\n\n${end}${after}`;
  }
  writeFileSync(page, text);
}
