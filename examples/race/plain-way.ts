import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { monotonicMs, type Assignment } from "./messages.ts";
import { applyUpdate, type State } from "./state.ts";
import { forEver, type Way } from "./way.ts";

/** As a script does it that never thought of a second process. */
export function plainWay({ worker, statePath, logPath }: Assignment): Way {
  return {
    updateState(sequence) {
      const enteredAtMs = monotonicMs();
      const state = JSON.parse(readFileSync(statePath, "utf8")) as State;
      applyUpdate(state, worker, sequence);
      writeFileSync(statePath, `${JSON.stringify(state, null, 2)}\n`);
      return enteredAtMs;
    },
    appendIssue(issue, sequence) {
      const enteredAtMs = monotonicMs();
      const line = `${JSON.stringify(issue)}\n`;
      if (sequence % 4 === 0) appendFileSync(logPath, line);
      else writeFileSync(logPath, readFileSync(logPath, "utf8") + line);
      return enteredAtMs;
    },
    holdForEver(holding) {
      // What a kill in the middle of writeFileSync leaves: the old content is gone, half of the new one is there.
      const text = readFileSync(logPath);
      const file = openSync(logPath, "w");
      writeSync(file, text, 0, Math.floor(text.length / 2));
      closeSync(file);
      holding();
      return forEver();
    },
  };
}
