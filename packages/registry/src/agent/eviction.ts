/** The end of a registration and everything it owned, as one commit. */
import {
  instantOf,
  type Clock,
  type DocumentDraft,
  type Store,
  type StoreDocument,
  type StoreMember,
  type WaitOptions,
} from "@flockwork/core";
import { redoOnConflict } from "../redo.ts";
import type { AgentCommits } from "./agent-commits.ts";
import type { AgentEntry, AgentFile } from "./agent-entry.ts";
import type { AgentDeath } from "./agent.ts";
import { EffectMembers, type DeathEffect, type DeathEffects } from "./death-effects.ts";
import { EndQueue } from "./end-queue.ts";
import { deathOf, deathOfEnd, endAgent, forgetEnds, type EndCause } from "./end-agent.ts";
import { judge, judgeAt, type Judge } from "./liveness.ts";
import { refuseInEffect } from "./inside-effect.ts";
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

/** A registration. */
export interface Registered {
  readonly id: string;
  readonly generation: string;
}

/** Decides, under the lock, why a registration ends; undefined where it does not. */
export type EndDecision = (id: string, entry: Readonly<AgentEntry>, turn: Turn) => EndCause | undefined;

/** A registration that is to end. */
export interface Ending extends Registered {
  readonly decide: EndDecision;
}

/** Ends who is still dead: a heartbeat may have come since it was seen to be. */
export function ifDead(unchangedForMs: Judge["unchangedForMs"]): EndDecision {
  return (id, entry, turn) => {
    const { proof, reason = "" } = judge(id, entry, judgeAt(turn.now, unchangedForMs));
    return proof === undefined ? undefined : { proof, reason };
  };
}

export class Evictions {
  readonly #tools: EvictionTools;
  /** Members that were found to be of the store. */
  readonly #own = new WeakSet<StoreMember>();
  readonly #queue = new EndQueue((endings) => this.#endTogether(endings, {}));

  constructor(tools: EvictionTools) {
    this.#tools = tools;
  }

  /**
   * Ends a registration in one commit with its effects, if it still is current and `decide` still finds a cause; else undefined.
   * Those that come together share a commit, but for one with bounds of its own. Throws what an effect throws, or as a commit;
   * then it was not ended.
   */
  async end(
    { id, generation }: Registered,
    decide: EndDecision,
    { timeoutMs, signal }: WaitOptions = {},
  ): Promise<AgentDeath | undefined> {
    const { effects, commits, document } = this.#tools;
    refuseInEffect(document.name);
    const ending = { id, generation, decide };
    const wait = { timeoutMs, signal };
    if (effects.of(id).length === 0)
      return await commits.run((turn) => {
        const found = find(turn, ending);
        if (found !== undefined) this.#note(turn, found, []);
        return found?.death;
      }, wait);
    if (timeoutMs === undefined && signal === undefined) return await this.#queue.add(ending);
    return (await this.#endTogether([ending], wait))[0];
  }

  #endTogether(endings: readonly Ending[], wait: WaitOptions): Promise<readonly (AgentDeath | undefined)[]> {
    const { effects } = this.#tools;
    const all = [...new Set(endings.flatMap(({ id }) => effects.of(id)))];
    return this.#transact(all, wait, async (turn, run) => {
      const deaths: (AgentDeath | undefined)[] = [];
      for (const ending of endings) {
        const found = find(turn, ending);
        deaths.push(found?.death);
        if (found === undefined) continue;
        const own = effects.of(ending.id).filter((effect) => all.includes(effect)); // others came since: a sweep makes up for them
        await run(found.death, own);
        this.#note(turn, found, own);
      }
      return deaths;
    });
  }

  #note(turn: Turn, { entry, death }: Found, effects: readonly DeathEffect[]): void {
    const names = effects.map(({ name }) => name);
    endAgent(turn, entry, death, names);
    turn.afterAll(() => forgetEnds(turn.file, entry, this.#tools.keepEnds));
  }

  /** Runs the effects that an end lacks, and notes that they ran. Undefined where it lacks none any more. */
  async settle(id: string, generation: string): Promise<AgentDeath | undefined> {
    const effects = this.#tools.effects.of(id);
    if (effects.length === 0) return undefined;
    return await this.#transact(effects, {}, async (turn, run) => {
      const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
      const end = entry?.ends?.find((each) => each.generation === generation);
      const missing = effects.filter(({ name }) => end?.settled?.includes(name) !== true);
      if (end === undefined || missing.length === 0) return undefined;
      const death = deathOfEnd(id, end);
      await run(death, missing);
      end.settled = [...(end.settled ?? []), ...missing.map(({ name }) => name)];
      return death;
    });
  }

  async #transact<R>(
    effects: readonly DeathEffect[],
    wait: WaitOptions,
    work: (
      turn: Turn,
      run: (death: AgentDeath, which: readonly DeathEffect[]) => Promise<void>,
    ) => Promise<R>,
  ): Promise<R> {
    const { store, document, clock } = this.#tools;
    refuseInEffect(document.name);
    const together = new EffectMembers(document, effects);
    for (const member of together.namesakes) await this.#checkOwn(member, wait);
    const attempt = async (drafts: Readonly<Record<string, unknown>>): Promise<R> => {
      const registry = drafts[document.name] as DocumentDraft<AgentFile>;
      const turn = new Turn(registry.draft, instantOf(clock));
      const result = await work(turn, (death, which) => together.run(which, death, drafts));
      turn.end();
      return result;
    };
    const { value } = await redoOnConflict(() => store.transact(together.members, attempt, wait), wait);
    return value;
  }

  /** A commit does, for those it is given. @throws {TypeError} it is of another store. Else as a commit. */
  async #checkOwn(member: StoreMember, wait: WaitOptions): Promise<void> {
    if (this.#own.has(member)) return;
    await this.#tools.store.transact({ [member.name]: member }, () => {}, wait);
    this.#own.add(member);
  }
}

interface Found {
  readonly entry: AgentEntry;
  readonly death: AgentDeath;
}

/** Undefined where it is not current any more, or nothing ends it. */
function find(turn: Turn, { id, generation, decide }: Ending): Found | undefined {
  const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
  if (entry?.generation !== generation) return undefined;
  const cause = decide(id, entry, turn);
  return cause && { entry, death: deathOf(id, entry, cause, turn.at) };
}
