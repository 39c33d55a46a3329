/** Writes, each with the read that what it writes comes from. */
import type { AnyNode } from "acorn";
import { readsBehind } from "./derives.ts";
import type { Effect, Effects } from "./effects.ts";
import { framesOf } from "./frames.ts";
import { isLocked } from "./locks.ts";
import { functionCalled, type Frame } from "./modules.ts";
import { hasParameters, isLocal } from "./paths.ts";
import { isFunction, visit } from "./tree.ts";

/** A write, and the read that it comes from, in the innermost function that does both. */
export interface Pair {
  readonly frame: Frame;
  readonly write: Effect;
  readonly read: Effect;
  /** Where the read is, when that is another function. */
  readonly readFrame?: Frame;
  /** The calls behind what is written, by their ends. */
  readonly behind?: ReadonlySet<number>;
}

/** Pairs with no lock around both. */
export function openPairs(effects: Effects): readonly Pair[] {
  const pairs = new Pairs(effects);
  return framesOf(effects.modules)
    .flatMap((frame) => [...pairs.of(frame), ...pairs.apart(frame)])
    .filter((pair) => !isHeld(pair) && !effects.callersLock(pair.frame));
}

function isHeld({ frame: { module }, write, read }: Pair): boolean {
  return isLocked(module, write.call) && isLocked(module, read.call);
}

class Pairs {
  readonly #effects: Effects;
  readonly #known = new Map<AnyNode, readonly Pair[]>();
  readonly #sites = new Map<AnyNode, ReadonlySet<AnyNode>>();
  readonly #updatesKnown = new Map<AnyNode, ReadonlySet<AnyNode>>();

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  of(frame: Frame): readonly Pair[] {
    const known = this.#known.get(frame.node);
    if (known !== undefined) return known;
    this.#known.set(frame.node, []); // a function that calls itself
    const all = this.#effects.of(frame);
    const pairs = writesIn(all)
      .filter((write) => !this.#isPaired(frame, write))
      .flatMap((write) => {
        const content = contentOf(write, all);
        const handed = this.#isUpdate(frame, write) ? content.flatMap(wholes) : content;
        const { reads, calls } = readsBehind(this.#effects, frame, handed);
        // One call that does both is settled where it does so.
        const read = reads.find(
          ({ path, call }) =>
            path === write.path &&
            // Before the write, or in what it is handed.
            (call.start <= write.call.start || call.end < write.call.end) &&
            (call.end !== write.call.end || call === write.site.call),
        );
        return read === undefined ? [] : [{ frame, write, read, behind: calls }];
      });
    this.#known.set(frame.node, pairs);
    return pairs;
  }

  /** What nobody in the tree calls together: one function hands out what it reads, another writes what it is handed. */
  apart(frame: Frame): readonly Pair[] {
    if (frame.node.type === "Program" || this.#effects.isCalled(frame)) return [];
    const all = this.#effects.of(frame);
    const writes = writesIn(all).filter(
      (write) =>
        !hasParameters(write.path) &&
        !isLocal(write.path) &&
        !all.some(({ act, path }) => act === "read" && path === write.path) &&
        !this.#isPaired(frame, write) &&
        comesFromParameters(frame, contentOf(write, all)),
    );
    if (writes.length === 0) return [];
    const handedOut = framesOf(this.#effects.modules)
      .filter(({ module, node }) => module === frame.module && node !== frame.node && node.type !== "Program")
      .flatMap((readFrame) => this.#handsOut(readFrame).map((read) => ({ readFrame, read })));
    return writes.flatMap((write) => {
      const read = handedOut.find(
        ({ read: { path, site } }) => path === write.path && site.module === frame.module,
      );
      return read === undefined ? [] : [{ frame, write, ...read }];
    });
  }

  /** What a function reads and returns. */
  #handsOut(frame: Frame): readonly Effect[] {
    const { node } = frame;
    const values: AnyNode[] = isFunction(node) && node.expression ? [node.body] : [];
    visit(node, (each) => {
      if (each !== node && isFunction(each)) return false;
      if (each.type === "ReturnStatement" && each.argument) values.push(each.argument);
      return true;
    });
    return readsBehind(this.#effects, frame, values).reads;
  }

  /** Whether a function that is called here has both already. */
  #isPaired(frame: Frame, { call, site }: Effect): boolean {
    const called = site.call === call ? undefined : this.#called(frame, call);
    return called !== undefined && this.#sitesPaired(called).has(site.call);
  }

  /** The writes that a function, or one that it calls, does after a read of its own. */
  #sitesPaired(frame: Frame): ReadonlySet<AnyNode> {
    const known = this.#sites.get(frame.node);
    if (known !== undefined) return known;
    this.#sites.set(frame.node, new Set()); // a function that calls itself
    // What a function does under a lock of its own does not cover what its caller read before.
    const open = this.of(frame).filter((pair) => !isHeld(pair));
    const sites = new Set<AnyNode>(open.map(({ write }) => write.site.call));
    for (const { call, site } of this.#effects.of(frame)) {
      const called = site.call === call ? undefined : this.#called(frame, call);
      if (called !== undefined) for (const each of this.#sitesPaired(called)) sites.add(each);
    }
    this.#sites.set(frame.node, sites);
    return sites;
  }

  /** Whether the function that is called reads and writes under a lock of its own: what it is handed says what to change. */
  #isUpdate(frame: Frame, { call, site }: Effect): boolean {
    const called = site.call === call ? undefined : this.#called(frame, call);
    return called !== undefined && this.#updates(called, new Set()).has(site.call);
  }

  #updates(frame: Frame, seen: Set<AnyNode>): ReadonlySet<AnyNode> {
    const known = this.#updatesKnown.get(frame.node);
    if (known !== undefined || seen.has(frame.node)) return known ?? new Set();
    seen.add(frame.node);
    const held = this.of(frame).filter((pair) => isHeld(pair) || this.#effects.callersLock(pair.frame));
    const sites = new Set<AnyNode>(held.map(({ write }) => write.site.call));
    for (const { call, site } of this.#effects.of(frame)) {
      const called = site.call === call ? undefined : this.#called(frame, call);
      if (called !== undefined) for (const each of this.#updates(called, seen)) sites.add(each);
    }
    this.#updatesKnown.set(frame.node, sites);
    return sites;
  }

  #called({ module }: Frame, call: Effect["call"]): Frame | undefined {
    return functionCalled(this.#effects.modules, module, call);
  }
}

/** Without what is one member of something, such as an id or the state to come from: it is no file's content. */
function wholes(node: AnyNode): readonly AnyNode[] {
  if (node.type === "MemberExpression") return [];
  if (node.type === "LogicalExpression") return [node.left, node.right].flatMap(wholes);
  if (node.type === "ObjectExpression")
    return node.properties.flatMap((each) => (each.type === "Property" ? wholes(each.value) : [each]));
  return [node];
}

function writesIn(all: readonly Effect[]): readonly Effect[] {
  return all.filter(({ act }) => act === "write" || act === "rename");
}

/** What a write writes; of a rename, what was written under the old name. */
function contentOf({ act, content, from, call }: Effect, all: readonly Effect[]): readonly AnyNode[] {
  if (act !== "rename") return content;
  const staged = all.filter((each) => each.act === "write" && each.path === from);
  const here = staged.filter((each) => each.call === call);
  return (here.length > 0 ? here : staged).flatMap((each) => each.content);
}

function comesFromParameters({ module, node: root }: Frame, content: readonly AnyNode[]): boolean {
  let found = false;
  for (const each of content)
    visit(each, (node) => {
      if (node.type === "Identifier") found ||= module.scopes.lookUp(node.name, node)?.parameter?.of === root;
    });
  return found;
}
