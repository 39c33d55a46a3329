import type { StoreMembers } from "@flockwork/core";
import type { SessionEffect, SessionEnd } from "./session-options.ts";

/** What else ends with every session. Names of members are theirs alone: two effects may use one name for two documents. */
export class SessionEffects {
  readonly #effects: SessionEffect[] = [];

  /** Returns the function that takes it back. @throws {TypeError} there is one of that name. */
  add<const M extends StoreMembers>(effect: SessionEffect<M>): () => void {
    const known = effect as unknown as SessionEffect;
    if (this.#effects.some(({ name }) => name === known.name))
      throw new TypeError(`An effect ${known.name} is registered already`);
    this.#effects.push(known);
    return () => {
      const at = this.#effects.indexOf(known);
      if (at !== -1) this.#effects.splice(at, 1);
    };
  }

  /** What a commit must span that runs them, and what is to be run in it: the effects of this moment. */
  prepare(): PreparedEffects {
    const effects = [...this.#effects];
    const members = effects.flatMap(({ members: own }, at) =>
      Object.entries(own).map(([key, member]) => [`effect${at} ${key}`, member] as const),
    );
    return {
      members: Object.fromEntries(members),
      async run(end, drafts) {
        for (const [at, effect] of effects.entries()) {
          const own = Object.keys(effect.members).map((key) => [key, drafts[`effect${at} ${key}`]]);
          await effect.run(end, Object.fromEntries(own) as never);
        }
      },
    };
  }
}

/** The effects of one commit. */
export interface PreparedEffects {
  readonly members: StoreMembers;
  run(end: Omit<SessionEnd, "timers">, drafts: Readonly<Record<string, unknown>>): Promise<void>;
}
