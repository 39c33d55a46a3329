import { DocumentInvalidError } from "../../errors.ts";
import { isContainer } from "./freeze-json.ts";
import { JsonSource } from "./json-source.ts";
import { skipBlanks, skipValue } from "./scan-json.ts";
import { MemberList } from "./member-list.ts";
import type { Partners } from "./settle-value.ts";
import type { SourceMember } from "./source-layout.ts";
import { formatPrimitive, formatValue, newFileStyle, styleOf, type TextStyle } from "./text-style.ts";

/**
 * Writes a settled value over the text of its source. Whatever did not change keeps its bytes: number spellings, escapes,
 * key order, duplicate keys, white space. What is new is written in the document's own hand.
 *
 * @param depthBound - A depth the value is known not to exceed.
 * @param finalNewline - Whether a text without a source ends in a line feed. With one, it ends as that does.
 * @throws {DocumentInvalidError} when a number too long for JavaScript moved, and which of several it was cannot be told.
 */
export function emitJson(
  path: string,
  source: JsonSource | undefined,
  value: unknown,
  partners: Partners,
  depthBound: number = Infinity,
  finalNewline: boolean = true,
): JsonSource {
  if (source === undefined) {
    const text = formatValue(value, newTextStyle, "") + (finalNewline ? newFileStyle.end : "");
    return new JsonSource(text, value, { marked: false, depthBound });
  }
  if (value === source.value) return source;
  const { marked, canonical } = source;
  if (canonical !== false) {
    try {
      const text = JSON.stringify(value, null, canonical.indent) + canonical.end;
      return new JsonSource(text, value, { marked, canonical, depthBound });
    } catch {
      // A BigInt was gained: merge, which writes it.
    }
  }
  // Text that JSON.stringify would not give once is not going to be what it gives.
  return new JsonSource(new Merge(path, source, partners).root(value), value, {
    marked,
    canonical: false,
    depthBound,
  });
}

const newTextStyle: TextStyle = { indent: newFileStyle.indent, newline: "\n", colon: ": ", gap: " " };

class Merge {
  readonly #path: string;
  readonly #source: JsonSource;
  readonly #partners: Partners;
  readonly #style: TextStyle;
  readonly #text: string;

  constructor(path: string, source: JsonSource, partners: Partners) {
    this.#path = path;
    this.#source = source;
    this.#partners = partners;
    this.#text = source.text;
    this.#style = styleOf(source.layout, source.value);
  }

  root(value: unknown): string {
    const start = skipBlanks(this.#text, 0);
    const end = skipValue(this.#text, start);
    return this.#text.slice(0, start) + this.#value(value, "") + this.#text.slice(end);
  }

  /** `margin` is the indentation of the line the value begins on; undefined inside a container kept on one line. */
  #value(value: unknown, margin: string | undefined): string {
    if (!isContainer(value)) {
      this.#refuseRounded(value);
      return formatPrimitive(value);
    }
    const partner = this.#partnerOf(value);
    if (partner === value) return this.#source.layout.sliceOf(value);
    if (partner === undefined) return this.#fresh(value, margin);
    const list = new MemberList(this.#text, this.#source.layout.layoutOf(partner), this.#style, margin);
    if (Array.isArray(value)) this.#elements(list, value, partner as readonly unknown[]);
    else this.#members(list, value as Record<string, unknown>, partner as Record<string, unknown>);
    return list.toString();
  }

  /** The container of the source this one is, or descends from. */
  #partnerOf(container: object): object | undefined {
    let origin: object = container;
    for (let older = this.#partners.get(origin); older !== undefined; older = this.#partners.get(origin))
      origin = older;
    return this.#source.layout.knows(origin) ? origin : undefined;
  }

  #fresh(value: object, margin: string | undefined): string {
    const inner = margin === undefined || this.#style.indent === "" ? undefined : margin + this.#style.indent;
    const list = MemberList.empty(Array.isArray(value) ? "[]" : "{}", this.#style, margin);
    if (Array.isArray(value)) for (const element of value) list.add(this.#value(element, inner));
    else {
      for (const [key, member] of Object.entries(value)) {
        list.add(JSON.stringify(key) + this.#style.colon + this.#value(member, inner));
      }
    }
    return list.toString();
  }

  #members(list: MemberList, value: Record<string, unknown>, base: Record<string, unknown>): void {
    const last = new Map<string, SourceMember>();
    for (const member of list.members) last.set(member.key ?? "", member);
    for (const member of list.members) {
      const key = member.key ?? "";
      if (!Object.hasOwn(value, key)) continue;
      const next = value[key];
      // Of duplicate keys the last one holds the value; the others stay as they are.
      if (next === base[key] || last.get(key) !== member) list.keep(member);
      else list.replaceValue(member, this.#value(next, list.marginOf(member)));
    }
    for (const key of Object.keys(value)) {
      if (last.has(key)) continue;
      list.add(JSON.stringify(key) + list.colon + this.#value(value[key], list.marginOfNew));
    }
  }

  #elements(list: MemberList, value: readonly unknown[], base: readonly unknown[]): void {
    const indexOf = new Map<unknown, number>();
    base.forEach((element, index) => indexOf.set(element, index));
    const { head, tail } = commonEnds(value, base);
    value.forEach((element, index) => {
      const fromEnd = index + base.length - value.length;
      const stays = value.length === base.length || index < head;
      const aligned = stays ? index : index >= value.length - tail ? fromEnd : undefined;
      const certain = value.length === base.length || !isRounded(element);
      if (certain && aligned !== undefined && element === base[aligned]) {
        list.keepAt(aligned);
        return;
      }
      const partner = isContainer(element) ? this.#partnerOf(element) : element;
      const at = aligned !== undefined && !isContainer(element) ? aligned : indexOf.get(partner);
      if (isRounded(element)) list.add(this.#onlySpelling(list, element, base));
      else if (at === undefined || list.members[at] === undefined)
        list.add(this.#value(element, list.marginOfNew));
      else list.replaceAt(at, this.#value(element, list.marginOf(list.members[at])));
    });
  }

  /** The one way the array spells a number that JavaScript rounds. */
  #onlySpelling(list: MemberList, rounded: unknown, base: readonly unknown[]): string {
    const spellings = new Set<string>();
    base.forEach((element, index) => {
      const member = list.members[index];
      if (element === rounded && member !== undefined) {
        spellings.add(this.#text.slice(member.valueStart, member.valueEnd));
      }
    });
    const [only] = spellings;
    if (spellings.size !== 1 || only === undefined) this.#refuseRounded(rounded);
    return only ?? "";
  }

  #refuseRounded(value: unknown): void {
    if (!isRounded(value)) return;
    const message = `${String(value)} stands for a number JavaScript cannot hold, and its digits cannot be told any more`;
    throw new DocumentInvalidError(this.#path, [{ message: `${message}: use integers: "bigint"`, path: [] }]);
  }
}

function isRounded(value: unknown): boolean {
  if (typeof value !== "number") return false;
  return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
}

function commonEnds(value: readonly unknown[], base: readonly unknown[]): { head: number; tail: number } {
  const shorter = Math.min(value.length, base.length);
  let head = 0;
  while (head < shorter && value[head] === base[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && value.at(-1 - tail) === base.at(-1 - tail)) tail += 1;
  return { head, tail };
}
