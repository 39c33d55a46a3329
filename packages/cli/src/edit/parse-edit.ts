/**
 * The edits of `json-edit`: a small part of jq's language, the part that changes one place.
 *
 *     .count += 1 | .tags += ["new"] | .owner = "me" | .note //= "" | del(.tasks[0]) | .["odd key"][-1] = null
 */

/** A key of an object, or an index of an array; negative ones count from the end. */
export type Step = string | number;

export type Edit =
  | {
      readonly kind: "set" | "add" | "subtract" | "default";
      readonly path: readonly Step[];
      readonly value: unknown;
    }
  | { readonly kind: "delete"; readonly path: readonly Step[] };

/** An expression that makes no sense, and where. */
export class EditSyntaxError extends Error {
  constructor(text: string, at: number, expected: string) {
    super(`${expected} is expected at "${text.slice(at, at + 20)}" (character ${at + 1} of the expression)`);
  }
}

const operators = { "=": "set", "+=": "add", "-=": "subtract", "//=": "default" } as const;

/** @throws {EditSyntaxError} */
export function parseEdits(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  const scanner = new Scanner(text);
  do edits.push(parseEdit(scanner));
  while (scanner.take("|"));
  scanner.end();
  return edits;
}

function parseEdit(scanner: Scanner): Edit {
  if (scanner.take("del(")) {
    const path = scanner.path();
    if (path.length === 0 || !scanner.take(")")) throw scanner.expected("the path of a member, and )");
    return { kind: "delete", path };
  }
  const path = scanner.path();
  for (const [sign, kind] of Object.entries(operators)) {
    if (scanner.take(sign)) return { kind, path, value: scanner.json() };
  }
  throw scanner.expected("=, +=, -= or //=");
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expected(what: string): EditSyntaxError {
    return new EditSyntaxError(this.#text, this.#at, what);
  }

  take(token: string): boolean {
    this.#skipSpace();
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.expected("| or the end");
  }

  /** `.`, `.a.b`, `.["a b"]`, `.list[0]`. */
  path(): Step[] {
    if (!this.take(".")) throw this.expected("a path that begins with .");
    const steps: Step[] = [];
    const first = this.#match(/[A-Za-z_$][\w$]*/y);
    if (first !== undefined) steps.push(first);
    for (;;) {
      const name = this.#match(/\.([A-Za-z_$][\w$]*)/y);
      const index = name === undefined ? this.#match(/\.?\[(-?\d+)\]/y) : undefined;
      const key = index === undefined ? this.#match(/\.?\[("(?:[^"\\]|\\.)*")\]/y) : undefined;
      if (name !== undefined) steps.push(name);
      else if (index !== undefined) steps.push(Number(index));
      else if (key !== undefined) steps.push(this.#string(key));
      else return steps;
    }
  }

  /** What a JSON string stands for that was just taken, up to the bracket behind it. */
  #string(json: string): string {
    try {
      return JSON.parse(json) as string;
    } catch {
      this.#at -= json.length + "]".length;
      throw this.expected("a JSON string");
    }
  }

  /** A JSON value: up to the next `|` outside of strings and brackets. */
  json(): unknown {
    this.#skipSpace();
    const start = this.#at;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] ?? "";
      if (character === '"') this.#skipString();
      else if ("[{".includes(character)) depth += 1;
      else if ("]}".includes(character)) depth -= 1;
      else if (character === "|" && depth === 0) break;
    }
    try {
      return JSON.parse(this.#text.slice(start, this.#at));
    } catch {
      this.#at = start;
      throw this.expected("a JSON value");
    }
  }

  #skipString(): void {
    const string = /"(?:[^"\\]|\\.)*"/y;
    string.lastIndex = this.#at;
    const found = string.exec(this.#text);
    if (found !== null) this.#at += found[0].length - 1;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[1] ?? found[0];
  }
}
