/** Damage that is taken for an empty file, and then written over. */
import type { AnyNode } from "acorn";
import type { Effect, Effects } from "./effects.ts";
import { findingAt, lineOf, type Finding } from "./finding.ts";
import type { Frame } from "./modules.ts";
import type { Pair } from "./pairs.ts";
import { goesOn, guardOf } from "./swallowed.ts";
import { leaves, visit } from "./tree.ts";

export function defaultsOverDamage(effects: Effects, pairs: readonly Pair[]): Finding[] {
  const findings = new Map<AnyNode, Finding>();
  for (const { frame, write, readFrame = frame, behind } of pairs)
    for (const each of effects.of(readFrame)) {
      const { module, call } = each.site;
      if (each.act !== "default" || each.path !== write.path || findings.has(call)) continue;
      if (behind !== undefined && !behind.has(each.call.end)) continue;
      if (readFrame === frame && isRefused(frame, each, write)) continue;
      const place = `${frame.module === module ? "" : `${frame.module.source.path}, `}line ${lineOf(write.call)}`;
      const message = `${each.shown} is replaced by a default when it cannot be parsed, and ${place} writes it over`;
      const advice = `jsonDocument(${each.shown}, { defaults }) from @flockwork/core: a missing file gets the default, a damaged one an error`;
      findings.set(call, findingAt(module.source, "default-over-damage", call, message, advice));
    }
  return [...findings.values()];
}

/** Whether the work ends where there is nothing to go on with: `if (!state) return`, or a `catch` that leaves. */
function isRefused({ module, node: root }: Frame, { call, site }: Effect, write: Effect): boolean {
  if (call === site.call) {
    const guarded = guardOf(module, call)?.block;
    return !goesOn(module, call) || (guarded !== undefined && write.call.start < guarded.end);
  }
  let name: string | undefined;
  for (let at = module.source.parents.get(call); at !== undefined; at = module.source.parents.get(at))
    if (at.type === "VariableDeclarator" && at.id.type === "Identifier") name ??= at.id.name;
  let refused = false;
  visit(root, (node) => {
    if (node.type !== "IfStatement" || node.start < call.start) return;
    refused ||= name !== undefined && asksWhetherMissing(node.test, name) && leaves(node.consequent);
  });
  return refused;
}

function asksWhetherMissing(test: AnyNode, name: string): boolean {
  if (test.type === "LogicalExpression" && test.operator === "||")
    return asksWhetherMissing(test.left, name) || asksWhetherMissing(test.right, name);
  const asked = test.type === "UnaryExpression" && test.operator === "!" ? test.argument : undefined;
  const compared = test.type === "BinaryExpression" && /^={2,3}$/.test(test.operator) ? test.left : undefined;
  const subject = asked ?? compared;
  return subject?.type === "Identifier" && subject.name === name;
}
