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

  constructor(tools: EvictionTools) {
    this.#tools = tools;
  }

  /**
   * Ends registrations in one commit, with their effects: those that still are current, and for which `decide` still finds a
   * cause. Returns them. Throws what an effect throws, or as a commit; then none was ended.
   */
  async end(
    registered: readonly Registered[],
    decide: EndDecision,
    { timeoutMs, signal }: WaitOptions = {},
  ): Promise<readonly AgentDeath[]> {
    const { effects, commits, keepEnds } = this.#tools;
    const all = [...new Set(registered.flatMap(({ id }) => effects.of(id)))];
    const wait = { timeoutMs, signal };
    if (all.length === 0)
      return commits.run((turn) => {
        const endings = findEndings(turn, registered, decide);
        for (const { entry, death } of endings) endAgent(turn, entry, death, []);
        forgetAfter(turn, endings, keepEnds);
        return endings.map(({ death }) => death);
      }, wait);
    return this.#transact(all, wait, async (turn, run) => {
      const endings = findEndings(turn, registered, decide);
      for (const { entry, death } of endings) {
        const own = effects.of(death.id).filter((effect) => all.includes(effect)); // others came since: a sweep makes up for them
        await run(death, own);
        const names = own.map(({ name }) => name);
        endAgent(turn, entry, death, names);
      }
      forgetAfter(turn, endings, keepEnds);
      return endings.map(({ death }) => death);
    });
  }

  /** Runs the effects that an end lacks, and notes that they ran. Undefined where it lacks none any more. */
  async settle(id: string, generation: string): Promise<AgentDeath | undefined> {
    const effects = this.#tools.effects.of(id);
    if (effects.length === 0) return undefined;
    const [settled] = await this.#transact(effects, {}, async (turn, run) => {
      const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
      const end = entry?.ends?.find((each) => each.generation === generation);
      if (end === undefined) return [];
      const missing = effects.filter(({ name }) => end.settled?.includes(name) !== true);
      if (missing.length === 0) return [];
      const death = deathOfEnd(id, end);
      await run(death, missing);
      end.settled = [...(end.settled ?? []), ...missing.map(({ name }) => name)];
      return [death];
    });
    return settled;
  }

  async #transact(
    effects: readonly DeathEffect[],
    wait: WaitOptions,
    work: (
      turn: Turn,
      run: (death: AgentDeath, which: readonly DeathEffect[]) => Promise<void>,
    ) => Promise<readonly AgentDeath[]>,
  ): Promise<readonly AgentDeath[]> {
    const { store, document, clock } = this.#tools;
    refuseInEffect(document.name);
    const together = new EffectMembers(document, effects);
    for (const member of together.namesakes) await this.#checkOwn(member, wait);
    const attempt = async (drafts: Readonly<Record<string, unknown>>): Promise<readonly AgentDeath[]> => {
      const registry = drafts[document.name] as DocumentDraft<AgentFile>;
      const turn = new Turn(registry.draft, instantOf(clock));
      const deaths = await work(turn, (death, which) => together.run(which, death, drafts));
      turn.end();
      return deaths;
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

interface Ending {
  readonly entry: AgentEntry;
  readonly death: AgentDeath;
}

function findEndings(turn: Turn, registered: readonly Registered[], decide: EndDecision): readonly Ending[] {
  return registered.flatMap(({ id, generation }) => {
    const entry = Object.hasOwn(turn.file, id) ? turn.file[id] : undefined;
    if (entry?.generation !== generation) return [];
    const cause = decide(id, entry, turn);
    return cause === undefined ? [] : [{ entry, death: deathOf(id, entry, cause, turn.at) }];
  });
}

function forgetAfter(turn: Turn, endings: readonly Ending[], keepEnds: number): void {
  const latest = endings.at(-1);
  if (latest !== undefined) turn.afterAll(() => forgetEnds(turn.file, latest.entry, keepEnds));
}
