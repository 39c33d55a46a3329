import type { DocumentDraft, Store, StoreDocument, StoreMembers } from "@flockwork/core";
import { isObject } from "../arguments.ts";
import { digestOf } from "../billing/digest.ts";
import { sanitizeDeveloperId } from "../identity.ts";
import {
  activeFile,
  sessionsDirectory,
  sessionsSchema,
  type ActiveSession,
  type ActiveSessionsFile,
} from "./session.ts";

type Json = Record<string, unknown>;
type LooseDrafts = Readonly<Record<string, unknown>>;

/** What not every session says: it must not stay of the one before, or from before it went on. */
const passing = ["taskTitle", "branch", "pausedAt", "endTime", "endReason"] as const;

/** Where sessions lie: the active ones, the current one of the project and of a developer, and the archive by month. */
export class SessionFiles {
  readonly active: StoreDocument<ActiveSessionsFile>;
  readonly #store: Store;
  readonly #hasCurrent: boolean;

  constructor(store: Store, hasCurrent: boolean) {
    this.#store = store;
    this.#hasCurrent = hasCurrent;
    this.active = store.document<ActiveSessionsFile>({
      name: activeFile,
      schema: sessionsSchema,
      defaults: () => ({ version: 1, sessions: {} }),
      layout: "flowforge",
    });
  }

  /** What a commit about a session spans. */
  members(session: ActiveSession, endedAtMs?: number): StoreMembers {
    const members: Record<string, StoreDocument<Json>> = {};
    if (this.#hasCurrent) {
      members["current"] = this.#document(`${sessionsDirectory}/current.json`);
      // Of another program's session it may be anything, or missing.
      const { developerId } = session as { readonly developerId?: unknown };
      const name = sanitizeDeveloperId(isText(developerId) ? `${developerId}` : "");
      members["namespace"] = this.#document(`.flowforge/dev-${name}/sessions/current.json`);
    }
    if (endedAtMs !== undefined) {
      const month = new Date(endedAtMs).toISOString().slice(0, 7);
      members["archive"] = this.#document(
        `${sessionsDirectory}/archive/${month}/${fileName(session.sessionId)}.json`,
      );
    }
    return { sessions: this.active, ...members };
  }

  /** Makes a session the current one, or says of the current one that it is over. */
  note(drafts: LooseDrafts, session: ActiveSession, isNew: boolean): void {
    for (const key of ["current", "namespace"]) {
      const current = drafts[key] as DocumentDraft<Json> | undefined;
      if (current === undefined) continue;
      const isTold = isObject(current.value);
      if (!isNew && (!isTold || current.value["sessionId"] !== session.sessionId)) continue;
      const { developerId, process: _, pid: _pid, hostname: _host, ...shown } = session;
      const isOver = session.endTime !== undefined;
      const told = { ...shown, user: developerId, detectionSource: "flockwork", taskStatus: session.status };
      const whole = { ...told, ...(key === "namespace" ? { active: !isOver, developerId } : {}) };
      // It only shows what stands elsewhere: what is no object has nothing to keep.
      if (!isTold) current.replace(whole);
      else {
        for (const field of passing) delete current.draft[field];
        Object.assign(current.draft, whole);
      }
    }
  }

  archive(drafts: LooseDrafts, session: ActiveSession): void {
    (drafts["archive"] as DocumentDraft<Json>).replace({ ...session });
  }

  #document(name: string): StoreDocument<Json> {
    return this.#store.document<Json>({ name, defaults: () => ({}) });
  }
}

/** A name that a file may have: ids of other programs may hold anything, and no two of them share a file. */
function fileName(id: string): string {
  const name = id
    .replaceAll(/[^A-Za-z0-9._-]/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 150);
  return name === id && name !== "" ? name : `${name}-${digestOf(id).slice(0, 12)}`;
}

function isText(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
