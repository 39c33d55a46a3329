const [openBrace, closeBrace, openBracket, closeBracket, quote, backslash, colon] = [
  0x7b, 0x7d, 0x5b, 0x5d, 0x22, 0x5c, 0x3a,
];

/**
 * The first key that an object in a JSON text has twice: parsers take the last one, and what the others say is seen by nobody.
 * @param text - Known to be JSON.
 */
export function duplicateKeyOf(text: string): string | undefined {
  /** The keys so far of each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case openBrace:
        open.push(new Set());
        break;
      case openBracket:
        open.push(undefined);
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        break;
      case quote: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (keys !== undefined && isKey(text, end)) {
          const key = JSON.parse(text.slice(at, end + 1)) as string; // escapes may spell the same key otherwise
          if (keys.has(key)) return key;
          keys.add(key);
        }
        at = end;
        break;
      }
      default:
    }
  }
  return undefined;
}

/** The index of the quote that ends the string begun at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/** Whether a colon follows the string that ends there: in an object, a value has none behind it. */
function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === colon;
}
