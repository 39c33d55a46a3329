import { randomBytes } from "node:crypto";
import {
  judgeProcess,
  identifyProcess,
  readText,
  replaceFile,
  type FileLock,
  type Store,
} from "@flockwork/core";

const name = "daemon/daemon.pid";

/** `daemon.pid`, as Gas Town's daemon writes it: the pid, a newline, and a nonce that no other daemon has. */
export class DaemonPid {
  readonly #store: Store;
  readonly #path: string;
  readonly #text: string;

  private constructor(store: Store, path: string, text: string) {
    this.#store = store;
    this.#path = path;
    this.#text = text;
  }

  /** For a caller that holds the daemon's lock. Undefined in a store without files, where nobody could read it. */
  static async write(store: Store): Promise<DaemonPid | undefined> {
    const path = await pathOf(store);
    if (path === undefined) return undefined;
    const text = `${process.pid}\n${randomBytes(8).toString("hex")}`;
    // After a loss of power no daemon runs: its pid need not be there.
    await replaceFile(path, text, { mode: 0o644, durability: "os" });
    return new DaemonPid(store, path, text);
  }

  /** Removes it, unless it is another daemon's by now: Gas Town's own may have unlinked the lock, and taken a new one. */
  async remove(): Promise<void> {
    if ((await readText(this.#path)) !== this.#text) return;
    await this.#store.document({ name, defaults: () => null, durability: "os" }).remove();
  }
}

/** The process that `daemon.pid` names, if it runs. Undefined where it names none that does. */
export async function readDaemonPid(store: Store): Promise<number | undefined> {
  const path = await pathOf(store);
  const text = path === undefined ? undefined : await readText(path);
  const pid = /^\s*(\d{1,10})\s*(?:\n|$)/.exec(text ?? "")?.[1];
  if (pid === undefined || Number(pid) === 0) return undefined;
  const { host } = identifyProcess();
  return judgeProcess({ pid: Number(pid), host }) === "running" ? Number(pid) : undefined;
}

/** Where it lies: known to holds of locks that are files. */
async function pathOf(store: Store): Promise<string | undefined> {
  return await store.lock(name).withRead((hold) => (hold as Partial<FileLock>).targetPath);
}
