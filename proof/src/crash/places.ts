import type { Thread } from "./threads.ts";

/**
 * Names system calls in words that do not differ between runs: thread, call, the first string among the arguments, and the
 * file that the thread had opened for the descriptor, without what chance chooses. What a call reads or writes is no argument.
 */
export class Places {
  readonly #opened = new Map<string, string>();
  readonly #opening = new Map<Thread, string>();

  of(thread: Thread, name: string, text: string): string {
    const [, descriptor = ""] = /^(?:\d+\s+)?\w+\((\d+)\b/.exec(text) ?? [];
    const file = this.#opened.get(`${thread} ${descriptor}`) ?? "";
    // What is read is not there yet at the call; what is written to a known file may hold ids that chance chose.
    const isContent = name.includes("read")
      ? !name.startsWith("readlink")
      : name.includes("write") && file !== "";
    const [string = ""] = isContent ? [] : (/"(?:[^"\\]|\\.)*"/.exec(text) ?? []);
    const settled = string
      .replace(/(flockwork-proof|kill)-\w{6}/g, "$1-*")
      .replace(/[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "*")
      .replace(/(?<![a-z\d])(?=[a-f]*\d)[0-9a-f]{6,}(?![a-z\d])|(?<=Z-)[0-9a-f]{8}/g, "*")
      .replace(/\d{3,}/g, "*");
    if (name === "close") this.#opened.delete(`${thread} ${descriptor}`);
    if (name === "openat" || name === "open") {
      this.#opening.set(thread, settled);
      this.resume(thread, text);
    }
    return `${thread} ${name} ${settled} ${file}`;
  }

  /** Takes the outcome of a call that another thread's came between. */
  resume(thread: Thread, text: string): void {
    const opening = this.#opening.get(thread);
    const [, descriptor] = /\) += (\d+)$/.exec(text) ?? [];
    if (opening === undefined || descriptor === undefined) return;
    this.#opened.set(`${thread} ${descriptor}`, opening);
    this.#opening.delete(thread);
  }
}
