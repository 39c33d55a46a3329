import {
  instantOf,
  systemClock,
  type Clock,
  type Store,
  type StoreDocument,
  type StoreMembers,
} from "@flockwork/core";
import { checkKey, checkOptions, checkText } from "../arguments.ts";
import { EntryNotFoundError } from "../errors.ts";
import { beat, predecessorIsDead, registerAgent, setAgentStatus, suspectAgent } from "./agent-changes.ts";
import { AgentCommits } from "./agent-commits.ts";
import { agentDocument, type AgentFile } from "./agent-entry.ts";
import { AgentSession, heartbeatEvery, type SessionOptions } from "./agent-session.ts";
import type { Agent, AgentDeath, AgentDetails, Registration } from "./agent.ts";
import {
  defaultKeepEnds,
  requestOf,
  type AgentListOptions,
  type AgentRegistryOptions,
  type RegisterOptions,
  type StatusOptions,
} from "./agent-options.ts";
import { DeathEffects, type DeathEffect } from "./death-effects.ts";
import { Evictions, ifDead } from "./eviction.ts";
import { refuseInEffect } from "./inside-effect.ts";
import { judgeAt, type Judge } from "./liveness.ts";
import { deathNow, findAgent, pickerOf, statusNow } from "./read-agents.ts";
import type { Selector } from "./selector.ts";
import { Sightings } from "./sightings.ts";
import { performSweep, planSweep, type SweepReport } from "./sweep.ts";
import { revisionOf } from "./turn.ts";
import { watchAgents, type AgentEvent, type AgentWatchOptions } from "./watch-agents.ts";

/**
 * The agents of `registry.json`: who is registered, and who is alive.
 *
 * @example
 * const agents = agentRegistry(fileStore(stateDirectory()));
 * const me = await agents.join({ id: "gastown/polecats/nux", labels: { role: "polecat" } });
 * try { await work(me.signal); } finally { await me.leave(); }
 */
export function agentRegistry(store: Store, options: AgentRegistryOptions = {}): AgentRegistry {
  checkOptions(options);
  return new AgentRegistry(store, options);
}

/** Made by {@link agentRegistry}. Keep it: it remembers what it saw of whom, and the effects that were registered. */
export class AgentRegistry {
  readonly #document: StoreDocument<AgentFile>;
  readonly #commits: AgentCommits;
  readonly #evictions: Evictions;
  readonly #effects = new DeathEffects();
  readonly #clock: Clock;
  readonly #sightings: Sightings;

  constructor(store: Store, options: AgentRegistryOptions) {
    const { keepEnds = defaultKeepEnds, clock = systemClock } = options;
    if (!Number.isSafeInteger(keepEnds) || keepEnds < 1)
      throw new RangeError("keepEnds must be a whole number of 1 or more");
    const document = (this.#document = agentDocument(store, options));
    const commits = (this.#commits = new AgentCommits(document, clock));
    const effects = this.#effects;
    this.#evictions = new Evictions({ store, document, commits, effects, clock, keepEnds });
    this.#clock = clock;
    this.#sightings = new Sightings(clock);
  }

  /**
   * Registers an agent. Whoever had the id before and is proven dead is ended first, with the effects of its death.
   *
   * @throws {EntryExistsError} `ERR_ENTRY_EXISTS`: somebody who is not proven dead has the id. What an effect throws: then the
   * predecessor was not ended. Else as a change of a document.
   */
  async register(details: AgentDetails, options: RegisterOptions = {}): Promise<Registration> {
    checkOptions(options);
    const request = requestOf(details, options.resumeToken);
    for (;;) {
      let dead: string | undefined;
      const outcome = await this.#commits.run((turn) => {
        const registered = registerAgent(turn, request, judgeAt(turn.now));
        if (registered === predecessorIsDead) dead = turn.file[request.id]?.generation;
        return registered;
      }, options);
      if (outcome !== predecessorIsDead) return outcome;
      if (dead !== undefined)
        await this.#evictions.end({ id: request.id, generation: dead }, ifDead(this.#sightings.see), options);
    }
  }

  /** Registers an agent and keeps its heart beating, until it leaves. Throws as `register`. */
  async join(details: AgentDetails, options: RegisterOptions & SessionOptions = {}): Promise<AgentSession> {
    checkOptions(options);
    const { leaseMs } = requestOf(details, options.resumeToken);
    const heartbeatMs = heartbeatEvery(options, leaseMs);
    return new AgentSession(this, await this.register(details, options), heartbeatMs);
  }

  /**
   * Notes that an agent lives. Those of one process that come together share a commit.
   * @throws {StaleGenerationError} `ERR_STALE_GENERATION`: it is not registered as that generation any more. Stop.
   */
  async heartbeat(id: string, generation: string): Promise<void> {
    checkKey("id", id);
    checkText("generation", generation);
    await this.#commits.run((turn) => beat(turn, id, generation));
  }

  /**
   * Sets what an agent says that it is doing. One that is not registered gets an entry with that alone.
   * @throws {StaleGenerationError} `ERR_STALE_GENERATION`: a `generation` is given, and it is not the registered one any more.
   */
  async updateAgentStatus(id: string, status: string, options: StatusOptions = {}): Promise<void> {
    checkKey("id", id);
    checkText("status", status);
    checkOptions(options);
    const { generation } = options;
    if (generation !== undefined) checkText("generation", generation);
    await this.#commits.run((turn) => setAgentStatus(turn, id, status, generation), options);
  }

  /** What an agent said that it is doing; `"dead"` for one that is proven dead; empty for one that is not there. */
  async getAgentStatus(id: string): Promise<string> {
    return statusNow(await this.#document.read(), checkKey("id", id), this.#judge());
  }

  /**
   * Ends a registration by its own word, with the effects of its end. False when it is not the current one any more: a late
   * exit does not remove its successor. Nothing was changed then.
   */
  async unregister(id: string, generation: string): Promise<boolean> {
    checkKey("id", id);
    checkText("generation", generation);
    const cause = { proof: "unregistered", reason: "it unregistered" } as const;
    return (await this.#evictions.end({ id, generation }, () => cause)) !== undefined;
  }

  /** One agent. @throws {EntryNotFoundError} `ERR_ENTRY_NOT_FOUND`: no such id, or only the memory of its end. */
  async get(id: string): Promise<Agent> {
    const agent = findAgent(await this.#document.read(), checkKey("id", id), this.#judge());
    if (agent === undefined) throw new EntryNotFoundError("agent", id, this.#document.name);
    return agent;
  }

  /** The agents that a label selector picks, by id. Without a lock. @throws {SelectorInvalidError} `ERR_SELECTOR_INVALID`. */
  async list(selector: Selector = "", options: AgentListOptions = {}): Promise<readonly Agent[]> {
    return (await this.listWithRevision(selector, options)).agents;
  }

  /** As `list`, with the revision to watch from. */
  async listWithRevision(
    selector: Selector = "",
    options: AgentListOptions = {},
  ): Promise<{ readonly agents: readonly Agent[]; readonly revision: string }> {
    const pick = pickerOf(selector, options);
    const file = await this.#document.read();
    return { agents: pick(file, this.#judge()), revision: revisionOf(file as AgentFile) ?? "0" };
  }

  /** Transitions of agents, whoever causes them: see {@link AgentEvent}. Keeps the process alive until it ends. */
  watch(options: AgentWatchOptions = {}): AsyncIterableIterator<AgentEvent> {
    checkOptions(options);
    return watchAgents(this.#document, () => this.#judge(), options);
  }

  /** The proof that an agent is dead, or how its last registration ended. Undefined for one that is not dead, or not known. */
  async whyDead(id: string): Promise<AgentDeath | undefined> {
    return deathNow(await this.#document.read(), checkKey("id", id), this.#judge());
  }

  /**
   * Registers what else is to end with an agent, or with every one (`"*"`), in the same commit. See {@link DeathEffect}.
   * @returns The function that takes it back.
   */
  onDeath<const M extends StoreMembers>(agentId: string, effect: DeathEffect<M>): () => void {
    return this.#effects.add(agentId, effect as unknown as DeathEffect);
  }

  /**
   * Looks for the dead, in two stages: who missed a heartbeat becomes suspect; who is proven dead is evicted, with the effects of
   * its death. Any process may sweep, at any time; nothing to do costs no lock and no write. Throws as a change of a document.
   */
  async sweep(): Promise<SweepReport> {
    refuseInEffect(this.#document.name);
    const file = await this.#document.read();
    this.#sightings.keepOnly((id) => Object.hasOwn(file, id));
    const plan = planSweep(file, this.#judge(), this.#effects);
    return performSweep(plan, {
      suspect: (id) => this.#commits.run((turn) => suspectAgent(turn, id, this.#judge())),
      evict: (registered) => this.#evictions.end(registered, ifDead(this.#sightings.see)),
      settle: (id, generation) => this.#evictions.settle(id, generation),
    });
  }

  #judge(): Judge {
    return judgeAt(instantOf(this.#clock), this.#sightings.see);
  }
}
