import { isContainer } from "./freeze-json.ts";
import type { SourceLayout } from "./source-layout.ts";

/** What makes `JSON.stringify(value, null, indent) + end` the whole text. */
export interface CanonicalStyle {
  readonly indent: string;
  readonly end: string;
}

/** How new files are written: two spaces and a final newline. */
export const newFileStyle: CanonicalStyle = { indent: "  ", end: "\n" };

/** Marks of a document's own hand, for the values it gains. */
export interface TextStyle {
  /** One level of indentation; empty when the document has no line breaks. */
  readonly indent: string;
  readonly newline: "\n" | "\r\n";
  /** Between a key and its value, blanks included. */
  readonly colon: string;
  /** Behind a comma that stays on its line. */
  readonly gap: string;
}

/** The style with which JSON.stringify gives exactly this text for its value, or false. */
export function canonicalStyleOf(text: string, value: unknown): CanonicalStyle | false {
  const isEmpty = text.startsWith("{}") || text.startsWith("[]");
  const indent = isEmpty ? newFileStyle.indent : (/^[[{]\n([ \t]{1,10})/.exec(text)?.[1] ?? "");
  const end = text.endsWith("\n") ? "\n" : "";
  try {
    return JSON.stringify(value, null, indent) + end === text ? { indent, end } : false;
  } catch {
    return false; // A BigInt: its text is no concern of JSON.stringify.
  }
}

/** Learns a document's style from its first lines and its first object. */
export function styleOf(layout: SourceLayout, root: unknown): TextStyle {
  const { text } = layout;
  const lineBreak = /(\r?)\n([ \t]+)\S/.exec(text);
  const colon = firstColon(layout, root) ?? (lineBreak === null ? ":" : ": ");
  return {
    indent: lineBreak?.[2] ?? "",
    newline: lineBreak?.[1] === "\r" ? "\r\n" : "\n",
    colon,
    gap: /\s$/.test(colon) ? " " : "",
  };
}

/** Writes a value in the document's hand. `margin` is the indentation of its first line; undefined keeps it on one line. */
export function formatValue(value: unknown, style: TextStyle, margin: string | undefined): string {
  if (!isContainer(value)) return formatPrimitive(value);
  const inner = margin === undefined || style.indent === "" ? undefined : margin + style.indent;
  const parts: string[] = [];
  if (Array.isArray(value)) for (const item of value) parts.push(formatValue(item, style, inner));
  else {
    for (const [key, member] of Object.entries(value)) {
      parts.push(JSON.stringify(key) + style.colon + formatValue(member, style, inner));
    }
  }
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  if (inner === undefined) return `${open}${parts.join(`,${style.gap}`)}${close}`;
  const lead = style.newline + inner;
  return `${open}${lead}${parts.join(`,${lead}`)}${style.newline}${margin}${close}`;
}

/** Writes a string, a number, a boolean or null; a BigInt becomes an integer of that many digits. */
export function formatPrimitive(value: unknown): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function firstColon(layout: SourceLayout, root: unknown): string | undefined {
  let container: unknown = root;
  while (Array.isArray(container)) container = container[0];
  if (!isContainer(container)) return undefined;
  const [member] = layout.layoutOf(container).members;
  if (member === undefined) return undefined;
  const between = layout.text.slice(member.start, member.valueStart);
  const colon = /\s*:\s*$/.exec(between)?.[0];
  return colon === undefined || colon.includes("\n") ? undefined : colon;
}
