// Read, modify, write: three processes count their runs in one state file.
//   ./dev node --conditions=@flockwork/source examples/state-file.ts [--race]
import { join } from "node:path";
import { jsonDocument, type JsonDocument } from "@flockwork/core";
import { sideBySide } from "./side-by-side/side-by-side.ts";
import { original } from "./state-file.original.ts";

await sideBySide({
  file: import.meta.filename,
  original,
  async flockwork(directory, { tell }) {
    const state = stateIn(directory);
    for (let run = 0; run < 100; run += 1) {
      await state.update((draft) => {
        draft.runs += 1;
      });
      tell("run");
    }
  },
  async faults(directory, told) {
    const { runs } = await stateIn(directory).read();
    const lost = told.length - runs;
    return Array.from({ length: lost }, () => `${lost} of ${told.length} runs are not in the file`);
  },
});

function stateIn(directory: string): JsonDocument<{ runs: number }> {
  return jsonDocument<{ runs: number }>(join(directory, "state.json"), { defaults: () => ({ runs: 0 }) });
}
