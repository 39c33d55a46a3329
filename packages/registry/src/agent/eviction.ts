/** The end of a registration and everything it owned, as one commit. */
import { instantOf, type Clock, type DocumentDraft, type Store, type StoreDocument } from "@flockwork/core";
import type { AgentCommits } from "./agent-commits.ts";
import type { AgentEntry, AgentFile } from "./agent-entry.ts";
import type { AgentDeath } from "./agent.ts";
import { EffectMembers, registryKey, type DeathEffect, type DeathEffects } from "./death-effects.ts";
import { deathOf, deathOfEnd, endAgent, type EndCause } from "./end-agent.ts";
import { Turn } from "./turn.ts";

/** What an eviction works with. */
export interface EvictionTools {
  readonly store: Store;
  readonly document: StoreDocument<AgentFile>;
  readonly commits: AgentCommits;
  readonly effects: DeathEffects;
  readonly clock: Clock;
  readonly keepEnds: number;
}

/** Decides, under the lock, why a registration ends; undefined where it does not. */
export type EndDecision = (entry: Readonly<AgentEntry>, turn: Turn) => EndCause | undefined;

export class Evictions {
  readonly #tools: EvictionTools;

  constructor(tools: EvictionTools) {
    this.#tools = tools;
  }

  /**
   * Ends a registration, with its effects, if it still is the current one and `decide` still finds a cause.
   * Undefined where it is not or does not: nothing was changed then. Throws what an effect throws, or as a commit.
   */
  async end(id: string, generation: string, decide: EndDecision): Promise<AgentDeath | undefined> {
    const effects = this.#tools.effects.of(id);
    const names = effects.map(({ name }) => name);
    const found = (turn: Turn): { entry: AgentEntry; death: AgentDeath } | undefined => {
      const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
      if (entry?.generation !== generation) return undefined;
      const cause = decide(entry, turn);
      return cause === undefined ? undefined : { entry, death: deathOf(id, entry, cause, turn.at) };
    };
    const finish = (turn: Turn, { entry, death }: { entry: AgentEntry; death: AgentDeath }): void =>
      endAgent(turn, entry, death, names, this.#tools.keepEnds);
    if (effects.length === 0)
      return this.#tools.commits.run((turn) => {
        const ending = found(turn);
        if (ending !== undefined) finish(turn, ending);
        return ending?.death;
      });
    return this.#transact(effects, async (turn, run) => {
      const ending = found(turn);
      if (ending === undefined) return undefined;
      await run(ending.death);
      finish(turn, ending);
      return ending.death;
    });
  }

  /** Runs the effects that an end lacks, and notes that they ran. Undefined where it lacks none any more. */
  async settle(id: string, generation: string): Promise<AgentDeath | undefined> {
    const effects = this.#tools.effects.of(id);
    if (effects.length === 0) return undefined;
    return this.#transact(effects, async (turn, run) => {
      const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
      const end = entry?.ends?.find((each) => each.generation === generation);
      if (end === undefined) return undefined;
      const missing = effects.filter(({ name }) => end.settled?.includes(name) !== true);
      if (missing.length === 0) return undefined;
      const death = deathOfEnd(id, end);
      await run(death, missing);
      end.settled = [...(end.settled ?? []), ...missing.map(({ name }) => name)];
      return death;
    });
  }

  async #transact(
    effects: readonly DeathEffect[],
    work: (
      turn: Turn,
      run: (death: AgentDeath, which?: readonly DeathEffect[]) => Promise<void>,
    ) => Promise<AgentDeath | undefined>,
  ): Promise<AgentDeath | undefined> {
    const { store, document, clock } = this.#tools;
    const together = new EffectMembers(document, effects);
    const { value } = await store.transact(together.members, (drafts) => {
      const all = drafts as Readonly<Record<string, unknown>>;
      const registry = all[registryKey] as DocumentDraft<AgentFile>;
      const turn = new Turn(registry.draft, instantOf(clock));
      return work(turn, (death, which = effects) => together.run(which, death, all));
    });
    return value;
  }
}
