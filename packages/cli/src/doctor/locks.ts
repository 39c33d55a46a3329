/** Which calls look as if they took a lock, and what runs under one. */
import type { AnyNode, CallExpression } from "acorn";
import { frameAround, type Module } from "./modules.ts";
import { goesOn } from "./swallowed.ts";
import { calleeName, isCall, isFunction, visit } from "./tree.ts";

/** Functions whose callback runs under a lock. */
const holdsLock =
  /^(with\w*(lock|mutex)\w*|lockAll(Sync)?|updateJson(Sync)?|transact|runExclusive|synchronized|(run|do|execute)(With|Under|In)\w*Lock)$/i;
/** Calls after which a lock is held, until the function ends. */
const takesLock = /^((try)?[aA]cquire\w*|lock(File)?(Sync)?|(obtain|get|take|grab|enter)\w*Lock(Sync)?)$/;

/** Whether a call looks as if it took a lock. */
export function isLockCall(node: AnyNode): node is CallExpression {
  return isCall(node) && takesLock.test(calleeName(node) ?? "");
}

const known = new WeakMap<AnyNode, boolean>();
const firstLocks = new WeakMap<AnyNode, number>();

/** Whether a place lies in the work of a call that holds a lock, or after one that took it. */
export function isLocked(module: Module, place: AnyNode): boolean {
  const before = known.get(place);
  if (before !== undefined) return before;
  const locked = runsUnderLock(module, place);
  known.set(place, locked);
  return locked;
}

function runsUnderLock(module: Module, place: AnyNode): boolean {
  const { parents } = module.source;
  for (let inside = place; ;) {
    const around = parents.get(inside);
    if (around === undefined) break;
    if (isFunction(inside) && isCall(around) && holdsLock.test(calleeName(around) ?? "")) return true;
    inside = around;
  }
  return takesLockBefore(module, place);
}

function takesLockBefore(module: Module, place: AnyNode): boolean {
  const { node: scope } = frameAround(module, place);
  const first = firstLocks.get(scope) ?? firstLockIn(module, scope);
  firstLocks.set(scope, first);
  return first < place.start;
}

/** Where a function has taken its first lock; Infinity where it takes none. */
function firstLockIn(module: Module, scope: AnyNode): number {
  let first = Infinity;
  visit(scope, (node) => {
    if (first < Infinity || (node !== scope && module.named.has(node))) return false;
    // A lock whose failure is swallowed is no lock.
    if (isLockCall(node) && !goesOn(module, node)) first = node.start;
    return true;
  });
  return first;
}
