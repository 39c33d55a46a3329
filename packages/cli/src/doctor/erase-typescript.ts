/**
 * What TypeScript has that is more than types, and what JavaScript has not yet: Node strips types only, on some versions only.
 * Nothing of it does anything to a file, so it is blanked out, and every place stays where it was:
 * enums, the heads of namespaces, `private` and the like in a constructor's parameters, `<T>value`, decorators, `export =`.
 */
import { piecesOf, type Piece } from "./words-of-source.ts";

const modifiers = new Set(["public", "private", "protected", "readonly", "override"]);
const pairs: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]", "<": ">" };

export function eraseTypeScript(code: string): string {
  const pieces = piecesOf(code);
  const text = code.split("");
  const blank = (from: number, to: number, instead = ""): void => {
    for (let at = from; at < to; at += 1) if (text[at] !== "\n") text[at] = instead[at - from] ?? " ";
  };
  const at = (index: number): string => pieces[index]?.text ?? "";
  const startOf = (index: number): number => pieces[index]?.start ?? code.length;
  const endOf = (index: number): number => pieces[index]?.end ?? code.length;
  let lastOfNamespaces = -1;

  for (let index = 0; index < pieces.length; index += 1) {
    const before = at(index - 1);
    if (before === "." || before === "?.") continue;
    switch (at(index)) {
      case "enum": {
        if (pieces[index + 1]?.kind !== "word" || at(index + 2) !== "{") break;
        let first = index;
        while (/^(export|declare|const|default)$/.test(at(first - 1))) first -= 1;
        const last = closing(pieces, index + 2);
        blank(startOf(first), endOf(last));
        index = last;
        break;
      }
      case "namespace":
      case "module": {
        const head = namespaceHead(pieces, index);
        if (head === undefined || before === "declare") break;
        blank(startOf(before === "export" ? index - 1 : index), startOf(head));
        lastOfNamespaces = Math.max(lastOfNamespaces, closing(pieces, head));
        index = head;
        break;
      }
      case "export":
        if (at(index + 1) === "=") blank(startOf(index), endOf(index + 1), "exports=");
        else if (index < lastOfNamespaces || at(index + 1) === "import") blank(startOf(index), endOf(index));
        break;
      case "import":
        if (pieces[index + 1]?.kind !== "word" || at(index + 2) !== "=") break;
        if (at(index + 3) === "require") blank(startOf(index), endOf(index), "const");
        else blank(startOf(index), endOf(lastOfName(pieces, index + 3)));
        break;
      case "constructor":
        if (at(index + 1) === "(") eraseModifiers(pieces, index + 1, blank);
        break;
      case "@": {
        let last = lastOfName(pieces, index + 1);
        if (at(last + 1) === "(") last = closing(pieces, last + 1);
        if (pieces[index + 1]?.kind === "word") blank(startOf(index), endOf(last));
        index = pieces[index + 1]?.kind === "word" ? last : index;
        break;
      }
      case "<": {
        const last = assertionEnd(pieces, index);
        if (last !== undefined) blank(startOf(index), endOf(last));
        break;
      }
    }
  }
  return text.join("");
}

/** `namespace A.B {`: where its brace is. */
function namespaceHead(pieces: readonly Piece[], index: number): number | undefined {
  const name = pieces[index + 1];
  if (name?.kind !== "word" && !/^["']/.test(name?.text ?? "")) return undefined;
  const brace = lastOfName(pieces, index + 1) + 1;
  return pieces[brace]?.text === "{" ? brace : undefined;
}

/** The last piece of `a.b.c`. */
function lastOfName(pieces: readonly Piece[], first: number): number {
  let last = first;
  while (pieces[last + 1]?.text === "." && pieces[last + 2]?.kind === "word") last += 2;
  return last;
}

function eraseModifiers(
  pieces: readonly Piece[],
  open: number,
  blank: (from: number, to: number) => void,
): void {
  const last = closing(pieces, open);
  let depth = 0;
  for (let index = open; index < last; index += 1) {
    const { text, start, end } = pieces[index] as Piece;
    if (text in pairs && text !== "<") depth += 1;
    if (/^[)}\]]$/.test(text)) depth -= 1;
    if (depth === 1 && modifiers.has(text) && pieces[index + 1]?.kind === "word") blank(start, end);
  }
}

/** `<T>` before a value, where an expression begins; not the parameters of a generic function. */
function assertionEnd(pieces: readonly Piece[], open: number): number | undefined {
  const before = pieces[open - 1];
  const begins =
    before === undefined ||
    (before.kind === "word"
      ? /^(return|await|throw)$/.test(before.text)
      : /^(=>|[=(,[:?!&|;{}+])$/.test(before.text));
  if (!begins) return undefined;
  const last = closing(pieces, open);
  const next = pieces[last + 1];
  if (next === undefined || (next.kind === "sign" && !/^[([{<]$/.test(next.text))) return undefined;
  if (next.text !== "(") return last;
  return /^(=>|[:{])$/.test(pieces[closing(pieces, last + 1) + 1]?.text ?? "") ? undefined : last;
}

/** The piece that closes a bracket, or the last one. */
function closing(pieces: readonly Piece[], open: number): number {
  const [own = "", other = ""] = [pieces[open]?.text, pairs[pieces[open]?.text ?? ""]];
  let depth = 0;
  for (let index = open; index < pieces.length; index += 1) {
    const text = pieces[index]?.text;
    if (text === own) depth += 1;
    if (text === other) depth -= 1;
    if (depth === 0) return index;
  }
  return pieces.length - 1;
}
