/** Label selectors as in Kubernetes: `team=core,tier in (gold, silver),!draining,cores>4`. */
import { SelectorInvalidError } from "../errors.ts";
import { checkLabels, isLabelKey, isLabelValue } from "./labels.ts";

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/** What picks agents by their labels. */
export type Selector = string | Labels;

/**
 * Reads a selector: a string, or labels that must all be there. The empty one matches everything.
 *
 * As in Kubernetes, `!=` and `notin` match what lacks the label too, and `>` and `<` compare integers.
 * @throws {SelectorInvalidError} `ERR_SELECTOR_INVALID`, with the place. {@link TypeError} neither a string nor labels.
 */
export function parseSelector(selector: Selector): (labels: Labels) => boolean {
  const requirements =
    typeof selector === "string"
      ? new SelectorParser(selector).parse()
      : Object.entries(checkLabels(selector)).map(isIn);
  return (labels) => requirements.every((holds) => holds(labels));
}

function isIn([key, value]: readonly [string, string]): Requirement {
  return oneOf(key, [value]);
}

function oneOf(key: string, values: readonly string[]): Requirement {
  return (labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? "");
}

function not(requirement: Requirement): Requirement {
  return (labels) => !requirement(labels);
}

const token = /\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)?/y;

const operators: ReadonlySet<string> = new Set(["=", "==", "!=", "in", "notin", ">", "<"]);

class SelectorParser {
  readonly #text: string;
  #offset = 0;
  /** The token that comes next; undefined at the end. */
  #next: string | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  parse(): readonly Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#next === undefined) return requirements;
    do requirements.push(this.#requirement());
    while (this.#accept(","));
    if (this.#next !== undefined) this.#refuse(`expected a comma, found ${this.#next}`);
    return requirements;
  }

  #requirement(): Requirement {
    if (this.#accept("!")) return not(this.#exists(this.#key()));
    const key = this.#key();
    const operator = this.#next;
    if (operator === undefined || operator === ",") return this.#exists(key);
    if (!operators.has(operator)) return this.#refuse(`expected an operator, found ${operator}`);
    this.#advance();
    switch (operator) {
      case "=":
      case "==":
        return oneOf(key, [this.#value()]);
      case "!=":
        return not(oneOf(key, [this.#value()]));
      case "in":
        return oneOf(key, this.#values());
      case "notin":
        return not(oneOf(key, this.#values()));
      default:
        return this.#compare(key, operator);
    }
  }

  #exists(key: string): Requirement {
    return (labels) => Object.hasOwn(labels, key);
  }

  #compare(key: string, operator: string): Requirement {
    const limit = this.#value();
    if (!/^\d+$/.test(limit)) return this.#refuse(`${operator} takes an integer, found ${limit}`);
    return (labels) => {
      const value = Object.hasOwn(labels, key) ? (labels[key] ?? "") : "";
      if (!/^\d+$/.test(value)) return false;
      return operator === ">" ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
    };
  }

  #key(): string {
    const key = this.#next;
    if (key === undefined || !isLabelKey(key))
      return this.#refuse(`expected a label, found ${key ?? "the end"}`);
    this.#advance();
    return key;
  }

  /** A value; nothing at all is the empty one. */
  #value(): string {
    const value = this.#next;
    if (value === undefined || value === "," || value === ")") return "";
    if (!isLabelValue(value)) return this.#refuse(`expected a value, found ${value}`);
    this.#advance();
    return value;
  }

  #values(): readonly string[] {
    if (!this.#accept("(")) this.#refuse(`expected (, found ${this.#next ?? "the end"}`);
    const values = [this.#value()];
    while (this.#accept(",")) values.push(this.#value());
    if (!this.#accept(")")) this.#refuse(`expected ), found ${this.#next ?? "the end"}`);
    return values;
  }

  #accept(expected: string): boolean {
    if (this.#next !== expected) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    token.lastIndex = this.#offset + (this.#next?.length ?? 0);
    const match = token.exec(this.#text);
    this.#next = match?.[1];
    this.#offset = token.lastIndex - (this.#next?.length ?? 0);
  }

  #refuse(why: string): never {
    throw new SelectorInvalidError(this.#text, this.#offset, why);
  }
}
