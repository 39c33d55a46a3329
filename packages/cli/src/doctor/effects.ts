/** What a function does to files, itself and through the functions that it calls. */
import type { AnyNode, CallExpression } from "acorn";
import { callsIn, framesOf } from "./frames.ts";
import { functionCalled, type Frame, type Module, type Modules } from "./modules.ts";
import { hasParameters, isLocal, memberOf, pathOf, substitute } from "./paths.ts";
import { textOf } from "./parse-source.ts";
import { parsedBy, touchOf, type FileAct } from "./file-acts.ts";
import { readsBehind } from "./derives.ts";
import { isLocked } from "./locks.ts";
import { isSwallowed } from "./swallowed.ts";
import { calleeName, isFunction, visit } from "./tree.ts";

/** One thing that a call in a frame does to a file. */
export interface Effect {
  readonly act: FileAct;
  /** In terms of the frame's parameters. */
  readonly path: string;
  /** The path as the source has it. */
  readonly shown: string;
  /** The call in the frame. */
  readonly call: CallExpression;
  /** Where the file is touched in the end. */
  readonly site: { readonly module: Module; readonly call: CallExpression };
  /** Expressions of the frame that what is written comes from. */
  readonly content: readonly AnyNode[];
  /** Of a rename: what is put in place. */
  readonly from?: string | undefined;
  /** Under a lock in this frame, or in what it calls. */
  readonly locked: boolean;
}

const mostPerFunction = 400;

/** The effects of a tree, each function looked at once. */
export class Effects {
  readonly modules: Modules;
  readonly #known = new Map<AnyNode, readonly Effect[]>();
  readonly #calls = new Map<CallExpression, readonly Effect[]>();
  readonly #busy = new Set<AnyNode>();
  /** Of what is written, the parameters of its function that it comes from. */
  readonly #parameters = new WeakMap<readonly AnyNode[], ReadonlySet<number>>();
  readonly #callersLock = new Map<AnyNode, boolean>();
  readonly #callers = new Map<AnyNode, { frame: Frame; call: CallExpression }[]>();

  constructor(modules: Modules) {
    this.modules = modules;
    for (const frame of framesOf(modules))
      for (const call of callsIn(frame)) {
        const called = functionCalled(modules, frame.module, call);
        if (called === undefined) continue;
        const known = this.#callers.get(called.node);
        if (known === undefined) this.#callers.set(called.node, [{ frame, call }]);
        else known.push({ frame, call });
      }
  }

  /** In the order of the text. */
  of(frame: Frame): readonly Effect[] {
    const known = this.#known.get(frame.node);
    if (known !== undefined) return known;
    if (this.#busy.has(frame.node)) return []; // a function that calls itself
    this.#busy.add(frame.node);
    const effects = callsIn(frame).flatMap((call) => [
      ...this.at(frame, call),
      ...this.#defaults(frame, call),
    ]);
    const distinct = new Map(effects.map((each) => [keyOf(each), each]));
    const kept = mostOf([...distinct.values()]);
    this.#known.set(frame.node, kept);
    this.#busy.delete(frame.node);
    return kept;
  }

  /** What one call of a frame does. */
  at(frame: Frame, call: CallExpression): readonly Effect[] {
    const known = this.#calls.get(call);
    if (known !== undefined) return known;
    const called = functionCalled(this.modules, frame.module, call);
    const through = called !== undefined && called.node !== frame.node;
    const own = through ? undefined : this.#own(frame, call);
    const found = through ? this.#through(frame, call, called) : own === undefined ? [] : [own];
    if (!through || !this.#busy.has(called.node)) this.#calls.set(call, found);
    return found;
  }

  isCalled(frame: Frame): boolean {
    return this.#callers.has(frame.node);
  }

  /** Whether everybody who calls a function holds a lock. */
  callersLock({ node }: Frame): boolean {
    const known = this.#callersLock.get(node);
    if (known !== undefined) return known;
    this.#callersLock.set(node, false); // a function that calls itself
    const callers = this.#callers.get(node) ?? [];
    const locked =
      callers.length > 0 &&
      callers.every(({ frame, call }) => isLocked(frame.module, call) || this.callersLock(frame));
    this.#callersLock.set(node, locked);
    return locked;
  }

  #own(frame: Frame, call: CallExpression): Effect | undefined {
    const touch = touchOf(frame, call);
    const [first] = call.arguments;
    if (touch === undefined || isFunction(touch.path)) return undefined;
    const { act, content } = touch;
    const path = pathOf(this.modules, frame, touch.path);
    if (path.includes("mkdtemp")) return undefined; // nobody else knows it
    return {
      act,
      path,
      shown: textOf(frame.module.source, touch.path),
      call,
      site: { module: frame.module, call },
      content: content === undefined ? [] : [content],
      from: act === "rename" && first !== undefined ? pathOf(this.modules, frame, first) : undefined,
      locked: isLocked(frame.module, call),
    };
  }

  /** A parse whose failure is swallowed, for each file that what is parsed comes from. */
  #defaults(frame: Frame, call: CallExpression): readonly Effect[] {
    const reader = /^(read|load)json/i.test(calleeName(call) ?? "") ? this.#own(frame, call) : undefined;
    const parsed = parsedBy(call);
    if ((reader === undefined && parsed.length === 0) || !isSwallowed(frame.module, call)) return [];
    const reads = reader === undefined ? readsBehind(this, frame, parsed).reads : [reader];
    const site = { module: frame.module, call };
    return reads.map((read) => ({ ...read, act: "default", call, site, content: [] }));
  }

  #through(frame: Frame, call: CallExpression, called: Frame): readonly Effect[] {
    const args = call.arguments.map((each) => pathOf(this.modules, frame, each));
    const pick = (index: number, name: string): string | undefined => {
      const member = memberOf(call.arguments[index], name);
      return member === undefined ? undefined : pathOf(this.modules, frame, member);
    };
    const locked = isLocked(frame.module, call);
    return this.of(called)
      .filter(({ path }) => !isLocal(path))
      .map((effect) => {
        const given = hasParameters(effect.path) ? /^‹(\d+)›$/.exec(effect.path)?.[1] : undefined;
        const argument = given === undefined ? undefined : call.arguments[Number(given)];
        return {
          ...effect,
          call,
          path: substitute(effect.path, args, pick),
          from: effect.from === undefined ? undefined : substitute(effect.from, args, pick),
          shown: argument === undefined ? effect.shown : textOf(frame.module.source, argument),
          content: this.#handedIn(called, effect.content, call),
          locked: effect.locked || locked,
        };
      });
  }

  /** The arguments of a call that an expression of the called function comes from. */
  #handedIn(called: Frame, content: readonly AnyNode[], call: CallExpression): readonly AnyNode[] {
    const indices = this.#parameters.get(content) ?? this.#parametersBehind(called, content);
    this.#parameters.set(content, indices);
    return [...indices].flatMap((index) => call.arguments[index] ?? []);
  }

  #parametersBehind(called: Frame, content: readonly AnyNode[]): ReadonlySet<number> {
    const indices = new Set<number>();
    const seen = new Set<unknown>();
    const follow = (node: AnyNode): void => {
      visit(node, (each) => {
        if (each.type !== "Identifier") return;
        const binding = called.module.scopes.lookUp(each.name, each);
        if (binding === undefined || seen.has(binding)) return;
        seen.add(binding);
        if (binding.parameter?.of === called.node) indices.add(binding.parameter.index);
        for (const flow of binding.flows) follow(flow);
      });
    };
    for (const node of content) follow(node);
    return indices;
  }
}

/** Where there are too many, what the function does itself comes before what others do for it. */
function mostOf(effects: readonly Effect[]): readonly Effect[] {
  if (effects.length <= mostPerFunction) return effects;
  const isOwn = ({ call, site }: Effect): boolean => call === site.call;
  const others = effects.filter((each) => !isOwn(each));
  const dropped = new Set(others.slice(Math.max(0, mostPerFunction - (effects.length - others.length))));
  return effects.filter((each) => !dropped.has(each));
}

function keyOf({ act, path, call, site }: Effect): string {
  return `${act} ${path} ${call.start} ${site.module.source.path} ${site.call.start}`;
}
