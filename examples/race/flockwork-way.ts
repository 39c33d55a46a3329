import { appendJsonl, lockAll, updateJson, type Durability } from "@flockwork/core";
import { monotonicMs, type Assignment } from "./messages.ts";
import { applyUpdate, type State } from "./state.ts";
import { forEver, type Way } from "./way.ts";

/** The same changes through Flockwork. */
export function flockworkWay({ worker, statePath, logPath }: Assignment, durability: Durability): Way {
  return {
    async updateState(sequence) {
      let enteredAtMs = 0;
      const change = (state: State): void => {
        enteredAtMs = monotonicMs();
        applyUpdate(state, worker, sequence);
      };
      await updateJson(statePath, change, { durability });
      return enteredAtMs;
    },
    async appendIssue(issue) {
      await appendJsonl(logPath, issue, { durability });
      return monotonicMs();
    },
    holdForEver(holding) {
      return lockAll([statePath, logPath], () => {
        holding();
        return forEver();
      });
    },
  };
}
