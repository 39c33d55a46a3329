/** What is told of agents from one content of the registry. */
import { checkOptions } from "../arguments.ts";
import type { AgentListOptions } from "./agent-options.ts";
import type { Agent, AgentDeath, Liveness } from "./agent.ts";
import { deathOf, deathOfEnd } from "./end-agent.ts";
import { judge, type Judge } from "./liveness.ts";
import { parseSelector, type Selector } from "./selector.ts";
import { agentOf, entryOf, isAgent, type ReadFile } from "./view.ts";

/** Undefined for an id that is nobody's, or of whom only the end is remembered. */
export function findAgent(file: ReadFile, id: string, by: Judge): Agent | undefined {
  const entry = entryOf(file, id);
  return entry === undefined || !isAgent(entry) ? undefined : agentOf(id, entry, by);
}

/** What it said that it is doing; empty for an id that is nobody's. */
export function statusNow(file: ReadFile, id: string, by: Judge): string {
  const entry = entryOf(file, id);
  if (entry === undefined) return "";
  const { liveness, status } = agentOf(id, entry, by);
  return liveness === "dead" ? "dead" : status;
}

/** Undefined for one that is not dead, or not known. */
export function deathNow(file: ReadFile, id: string, by: Judge): AgentDeath | undefined {
  const entry = entryOf(file, id);
  if (entry === undefined) return undefined;
  if (entry.generation === undefined) {
    const end = entry.ends?.at(-1);
    return end === undefined ? undefined : deathOfEnd(id, end);
  }
  const { proof, reason = "" } = judge(id, entry, by);
  if (proof === undefined) return undefined;
  return deathOf(id, entry, { proof, reason }, new Date(by.now.wallMs).toISOString());
}

const everyLiveness: readonly Liveness[] = ["alive", "suspect", "dead"];

/** Picks agents, once what they are picked by is checked. @throws {SelectorInvalidError | TypeError} naming what is wrong. */
export function pickerOf(
  selector: Selector,
  options: AgentListOptions,
): (file: ReadFile, by: Judge) => readonly Agent[] {
  checkOptions(options);
  const matches = parseSelector(selector);
  const { liveness = everyLiveness, capabilities = [] } = options;
  if (!Array.isArray(liveness) || !liveness.every((each) => everyLiveness.includes(each)))
    throw new TypeError(`liveness must be an array of ${everyLiveness.join(", ")}`);
  if (!Array.isArray(capabilities) || !capabilities.every((each) => typeof each === "string"))
    throw new TypeError("capabilities must be an array of strings");
  return (file, by) =>
    Object.keys(file)
      .toSorted()
      .flatMap((id) => {
        const entry = entryOf(file, id);
        if (entry === undefined || !isAgent(entry) || !matches(entry.labels ?? {})) return [];
        if (!capabilities.every((each) => entry.capabilities?.includes(each))) return [];
        const agent = agentOf(id, entry, by); // last: it looks at the process
        return liveness.includes(agent.liveness) ? [agent] : [];
      });
}
