import { isBlank } from "./scan-json.ts";

/**
 * Where text stops being JSON: the offset of the first character that cannot be there (the length, when the text ends too
 * early), or undefined for JSON. V8 names the place only for some faults; this names it for all, with a stack of its own.
 */
export function faultOffset(text: string): number | undefined {
  const open: ("{" | "[")[] = [];
  let expected: "value" | "value or ]" | "key" | "key or }" | "more" = "value";
  let at = 0;
  for (;;) {
    while (isBlank(text.charCodeAt(at))) at += 1;
    const char = text[at];
    if (char === undefined) return expected === "more" && open.length === 0 ? undefined : text.length;
    if (expected === "more") {
      const inside = open.at(-1);
      if (inside === undefined) return at;
      if (char === ",") expected = inside === "{" ? "key" : "value";
      else if (char === (inside === "{" ? "}" : "]")) open.pop();
      else return at;
      at += 1;
    } else if ((expected === "value or ]" && char === "]") || (expected === "key or }" && char === "}")) {
      open.pop();
      expected = "more";
      at += 1;
    } else if (expected === "key" || expected === "key or }") {
      if (char !== '"') return at;
      const end = endOfString(text, at);
      if (end < 0) return ~end;
      at = end;
      while (isBlank(text.charCodeAt(at))) at += 1;
      if (text[at] !== ":") return at;
      at += 1;
      expected = "value";
    } else if (char === "{" || char === "[") {
      open.push(char);
      expected = char === "{" ? "key or }" : "value or ]";
      at += 1;
    } else {
      const end = endOfPrimitive(text, at, char);
      if (end < 0) return ~end;
      at = end;
      expected = "more";
    }
  }
}

/** Index behind the primitive, or the bitwise complement of the fault's offset. */
function endOfPrimitive(text: string, at: number, char: string): number {
  if (char === '"') return endOfString(text, at);
  if (char === "-" || isDigit(text.charCodeAt(at))) return endOfNumber(text, at);
  const word = char === "t" ? "true" : char === "f" ? "false" : char === "n" ? "null" : "";
  if (word === "") return ~at;
  let index = 0;
  while (index < word.length && text[at + index] === word[index]) index += 1;
  return index === word.length ? at + index : ~(at + index);
}

function endOfString(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return index + 1;
    if (code < 0x20) return ~index;
    if (code !== 0x5c) continue;
    index += 1;
    const escape = text[index];
    if (escape === undefined) return ~text.length;
    if (!'"\\/bfnrtu'.includes(escape)) return ~index;
    if (escape !== "u") continue;
    for (let digit = 0; digit < 4; digit += 1) {
      index += 1;
      if (!/^[0-9a-fA-F]$/.test(text[index] ?? "")) return ~index;
    }
  }
  return ~text.length;
}

function endOfNumber(text: string, at: number): number {
  let index = text[at] === "-" ? at + 1 : at;
  if (text[index] === "0") index += 1;
  else {
    const end = endOfDigits(text, index);
    if (end === index) return ~index;
    index = end;
  }
  if (text[index] === ".") {
    const end = endOfDigits(text, index + 1);
    if (end === index + 1) return ~end;
    index = end;
  }
  if (text[index] === "e" || text[index] === "E") {
    index += text[index + 1] === "+" || text[index + 1] === "-" ? 2 : 1;
    const end = endOfDigits(text, index);
    if (end === index) return ~index;
    index = end;
  }
  return index;
}

function endOfDigits(text: string, at: number): number {
  let index = at;
  while (isDigit(text.charCodeAt(index))) index += 1;
  return index;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
