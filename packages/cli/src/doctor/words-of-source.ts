/** The words and signs of a source, with comments, strings, templates and regular expressions passed over as one piece each. */

export interface Piece {
  readonly kind: "word" | "sign" | "literal";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** After these words an expression begins, so that `/` begins a regular expression. */
const beforeExpression = /^(return|typeof|case|in|of|do|else|void|delete|throw|await|yield|new|instanceof)$/;

const gap = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const word = /[#\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const string = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|\d[\w.]*/y;
const regularExpression = /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

export function piecesOf(code: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < code.length;) {
    const space = matched(gap, code, at);
    if (space > at) {
      at = space;
      continue;
    }
    const [kind, end] = pieceAt(code, at, pieces.at(-1));
    pieces.push({ kind, text: code.slice(at, end), start: at, end });
    at = end;
  }
  return pieces;
}

function pieceAt(code: string, at: number, before: Piece | undefined): readonly [Piece["kind"], number] {
  const inWord = matched(word, code, at);
  if (inWord > at) return ["word", inWord];
  const inString = code[at] === "`" ? templateEnd(code, at) : matched(string, code, at);
  if (inString > at) return ["literal", inString];
  const expression =
    before === undefined ||
    (before.kind === "word" ? beforeExpression.test(before.text) : !/[)\]}]$|^\d|["'`/]/.test(before.text));
  const pattern = expression && code[at] === "/" ? matched(regularExpression, code, at) : at;
  if (pattern > at) return ["literal", pattern];
  return ["sign", code.startsWith("=>", at) ? at + 2 : at + 1];
}

/** Where a template ends, with the templates in its expressions. */
function templateEnd(code: string, start: number): number {
  const open: ("`" | "{")[] = ["`"];
  let at = start + 1;
  for (; at < code.length && open.length > 0; at += 1) {
    const character = code[at];
    if (character === "\\") at += 1;
    else if (open.at(-1) === "`") {
      if (character === "`") open.pop();
      else if (code.startsWith("${", at)) open.push("{");
    } else if (character === "`") open.push("`");
    else if (character === "{" && code[at - 1] !== "$") open.push("{");
    else if (character === "}") open.pop();
    else if (character === '"' || character === "'") at = Math.max(at, matched(string, code, at) - 1);
  }
  return at;
}

function matched(pattern: RegExp, code: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(code) ? pattern.lastIndex : at;
}
