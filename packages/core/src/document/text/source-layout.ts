import { isContainer } from "./freeze-json.ts";
import { skipBlanks, skipString, skipValue } from "./scan-json.ts";

/** One member of an object or one element of an array, as offsets into the source text. */
export interface SourceMember {
  /** Undefined in arrays. */
  readonly key: string | undefined;
  /** Behind the value before it, or behind the opening bracket: the blanks before the comma begin here. */
  readonly gap: number;
  /** Behind the comma or the opening bracket: the blanks before the member begin here. */
  readonly lead: number;
  /** Of the key, or of the value in arrays. */
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The members of one container in source order, duplicate keys included. */
export interface ContainerLayout {
  readonly members: readonly SourceMember[];
  /** Of the closing bracket. */
  readonly close: number;
}

/**
 * Where each object and array of a value stands in the text it was parsed from. Containers are looked at one level at a
 * time, when they are asked for: a change deep in a large document scans only what lies on the way to it.
 */
export class SourceLayout {
  readonly text: string;
  readonly #root: unknown;
  readonly #starts = new Map<object, number>();
  readonly #layouts = new Map<object, ContainerLayout>();
  #complete = false;

  constructor(text: string, root: unknown) {
    this.text = text;
    this.#root = root;
    if (isContainer(root)) this.#starts.set(root, this.rootStart);
  }

  get rootStart(): number {
    return skipBlanks(this.text, 0);
  }

  /** Whether the container is part of the parsed value. */
  knows(container: object): boolean {
    if (this.#starts.has(container)) return true;
    this.#complete = this.#complete || this.#scanAll();
    return this.#starts.has(container);
  }

  /** The bytes the container has in the source. */
  sliceOf(container: object): string {
    const start = this.#startOf(container);
    const known = this.#layouts.get(container);
    return this.text.slice(start, known === undefined ? skipValue(this.text, start) : known.close + 1);
  }

  layoutOf(container: object): ContainerLayout {
    const known = this.#layouts.get(container);
    if (known !== undefined) return known;
    const layout = this.#scan(container, this.#startOf(container));
    this.#layouts.set(container, layout);
    return layout;
  }

  #startOf(container: object): number {
    if (!this.knows(container)) throw new TypeError("the container is not part of the parsed value");
    return this.#starts.get(container) ?? 0;
  }

  #scan(container: object, at: number): ContainerLayout {
    const { text } = this;
    const isArray = Array.isArray(container);
    const members: SourceMember[] = [];
    let gap = at + 1;
    let lead = at + 1;
    let start = skipBlanks(text, lead);
    if (text[start] === "]" || text[start] === "}") return { members, close: start };
    for (;;) {
      let key: string | undefined;
      let valueStart = start;
      if (!isArray) {
        const keyEnd = skipString(text, start);
        key = readKey(text.slice(start, keyEnd));
        valueStart = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
      }
      const valueEnd = skipValue(text, valueStart);
      // A later duplicate of a key overwrites this: the value holds the last one.
      const child = (container as Record<string, unknown>)[key ?? String(members.length)];
      if (isContainer(child)) this.#starts.set(child, valueStart);
      members.push({ key, gap, lead, start, valueStart, valueEnd });
      const next = skipBlanks(text, valueEnd);
      if (text[next] !== ",") return { members, close: next };
      gap = valueEnd;
      lead = next + 1;
      start = skipBlanks(text, lead);
    }
  }

  #scanAll(): true {
    const pending: unknown[] = [this.#root];
    for (let container = pending.pop(); container !== undefined; container = pending.pop()) {
      if (!isContainer(container)) continue;
      this.layoutOf(container);
      for (const child of Object.values(container)) if (isContainer(child)) pending.push(child);
    }
    return true;
  }
}

function readKey(quoted: string): string {
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
