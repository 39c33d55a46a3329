import type { Drafts, StoreMember, StoreMembers } from "@flockwork/core";
import { checkKey } from "../arguments.ts";
import type { AgentDeath } from "./agent.ts";
import { runInEffect } from "./inside-effect.ts";

/**
 * What else ends when an agent does: its claims, its jobs, its timer. Registered with `onDeath`.
 *
 * The effect runs inside the commit that ends the agent, under the locks of its members: either all of it happens or nothing.
 * It runs once for each end and each `name`, in whichever process: an end that was committed where the effect was not registered
 * is made up for by the next `sweep()` where it is.
 */
export interface DeathEffect<M extends StoreMembers = StoreMembers> {
  /** Names it for good, in every process: `"tasks: release claims"`. */
  readonly name: string;
  /** The documents and logs it changes: of the registry's own store. Locked together with the registry. */
  readonly members: M;
  /**
   * Changes the drafts, and nothing else: it is called again, with new drafts, where the commit could not be made. Keep it short:
   * others wait for the locks meanwhile. What it throws keeps the agent from being ended: the next sweep tries again. A change of
   * a registry, from within it, rejects with `ERR_LOCK_REENTRY`: it would wait for this very commit.
   * @param death - Touch only what belongs to that `generation` or a lower one: a successor may be at work under the same id.
   */
  run(death: AgentDeath, drafts: Drafts<M>): void | Promise<void>;
}

/** Stands for every agent, in `onDeath`. */
export const everyAgent = "*";

/** The effects of one registry, as far as this process has registered them. */
export class DeathEffects {
  readonly #effects = new Map<DeathEffect, string>();

  /** @returns The function that takes it back. */
  add(agentId: string, effect: DeathEffect): () => void {
    checkKey("agentId", agentId);
    checkKey("effect.name", effect?.name);
    if (typeof effect.run !== "function") throw new TypeError("effect.run must be a function");
    if (typeof effect.members !== "object" || effect.members === null)
      throw new TypeError("effect.members must be an object: name → document or log");
    for (const [key, member] of Object.entries<unknown>(effect.members))
      if (!isMember(member))
        throw new TypeError(`effect.members.${key} must be a document or a log of the registry's store`);
    for (const [known, id] of this.#effects)
      if (known.name === effect.name && (id === agentId || id === everyAgent || agentId === everyAgent))
        throw new TypeError(`An effect ${effect.name} is registered already`);
    this.#effects.set(effect, agentId);
    return () => void this.#effects.delete(effect);
  }

  /** Those that concern an agent and are not settled. */
  of(id: string, settled: readonly string[] = []): readonly DeathEffect[] {
    return [...this.#effects].flatMap(([effect, agentId]) =>
      (agentId === everyAgent || agentId === id) && !settled.includes(effect.name) ? [effect] : [],
    );
  }
}

function isMember(value: unknown): value is StoreMember {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name } = value as Partial<StoreMember>;
  return (kind === "document" || kind === "log") && typeof name === "string";
}

/** The members of several effects, each once, whichever of them named it: by their names in the store. */
export class EffectMembers {
  readonly members: Readonly<Record<string, StoreMember>>;
  /** Those that the commit leaves out, for another of their name is in it: what it finds out about that says nothing of them. */
  readonly namesakes: readonly StoreMember[];

  constructor(registry: StoreMember, effects: readonly DeathEffect[]) {
    const all = [registry, ...effects.flatMap((effect) => Object.values(effect.members))];
    this.members = Object.fromEntries(all.toReversed().map((member) => [member.name, member])); // the first of a name stays
    this.namesakes = all.filter((member) => this.members[member.name] !== member);
  }

  /** Runs the effects one after the other, each with the drafts of its own members. */
  async run(
    effects: readonly DeathEffect[],
    death: AgentDeath,
    drafts: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    for (const effect of effects) {
      const own = Object.entries(effect.members).map(([key, { name }]) => [key, drafts[name]]);
      await runInEffect(effect.name, () =>
        effect.run(death, Object.fromEntries(own) as Drafts<StoreMembers>),
      );
    }
  }
}
