/** Temporary files, logs and locks that do not hold. */
import type { AnyNode } from "acorn";
import type { Effect, Effects } from "./effects.ts";
import { findingAt, lineOf, type Finding } from "./finding.ts";
import { callsIn, framesOf } from "./frames.ts";
import { isLockCall } from "./locks.ts";
import { functionCalled, type Frame } from "./modules.ts";
import { pathOf } from "./paths.ts";
import { textOf } from "./parse-source.ts";
import { goesOn, guardOf } from "./swallowed.ts";
import { calleeName, isCall, leaves, visit } from "./tree.ts";

export function fixedTemporaryNames(effects: Effects): Finding[] {
  return unlocked(effects).flatMap(({ frame, effect }) => {
    const staged = (each: Effect): boolean => each.act === "write" && isFixedTemporary(each.path);
    if (!isFirstSeen(effects, frame, effect, staged)) return [];
    const renamed = effects.of(frame).some(({ act, from }) => act === "rename" && from === effect.path);
    if (!renamed) return [];
    const message = `${effect.shown} is a temporary file with a fixed name`;
    const advice = "replaceFile(path, data) from @flockwork/core stages under a random name and renames";
    return [findingAt(frame.module.source, "fixed-temporary-name", effect.call, message, advice)];
  });
}

/** Ends in `.tmp` or the like, with nothing in it that tells two writers apart. */
function isFixedTemporary(path: string): boolean {
  return (
    /[.\-_](tmp|temp|new|swp|partial|bak~)$/.test(path) &&
    !/\bpid\b|random|uuid|nanoid|Date\.now|getTime|hrtime|performance\.now|mkdtemp/i.test(path)
  );
}

export function unlockedAppends(effects: Effects): Finding[] {
  return unlocked(effects).flatMap(({ frame, effect }) => {
    const records = (each: Effect): boolean =>
      each.act === "append" && (/jsonl|ndjson/i.test(each.path + each.shown) || each.content.some(isRecord));
    if (!isFirstSeen(effects, frame, effect, records)) return [];
    const message = `${effect.shown} is appended to without a lock`;
    const advice = `appendJsonl(${effect.shown}, record) from @flockwork/core`;
    return [findingAt(frame.module.source, "unlocked-append", effect.call, message, advice)];
  });
}

/** `JSON.stringify(…)`, with something after it. */
function isRecord(content: AnyNode): boolean {
  const first =
    content.type === "BinaryExpression"
      ? (content.left as AnyNode)
      : content.type === "TemplateLiteral" && content.quasis[0]?.value.raw === ""
        ? content.expressions[0]
        : undefined;
  return first !== undefined && isCall(first) && calleeName(first) === "stringify";
}

/** Locks that are looked for, or read, and then written in two steps. */
export function locksInTwoSteps(effects: Effects): Finding[] {
  return framesOf(effects.modules).flatMap((frame) => {
    const { module } = frame;
    const all = effects.of(frame);
    const looks = [
      ...callsIn(frame)
        .filter((call) => /^(exists|pathExists|access|l?stat)(Sync)?$/.test(calleeName(call) ?? ""))
        .flatMap((call) => {
          const [node] = call.arguments;
          return node === undefined
            ? []
            : [{ call, path: pathOf(effects.modules, frame, node), shown: textOf(module.source, node) }];
        }),
      ...all.filter(({ act, call, site }) => act === "read" && call === site.call),
    ];
    const found = new Map<AnyNode, Finding>();
    for (const { call, path, shown } of looks) {
      if (!isLockName(path) && !isLockName(shown)) continue;
      const create = all.find(
        (each) =>
          each.act === "write" && each.path === path && each.call.start > call.start && !isExclusive(each),
      );
      if (create === undefined || found.has(create.call)) continue;
      const message = `${shown} is looked for here and created on line ${lineOf(create.call)}: two can find it missing at once`;
      const advice =
        "withWriteLock(path, …) from @flockwork/core, which the kernel releases when a process dies";
      found.set(create.call, findingAt(module.source, "exists-then-create", call, message, advice));
    }
    return [...found.values()];
  });
}

/** Not the lock files of package managers. */
function isLockName(path: string): boolean {
  return (
    /lock(?!ed|s?\.(yaml|json))/i.test(path) &&
    !/block|(package|yarn|bun|pnpm|poetry|cargo|composer)[-.]lock|lockfile\.json|clock/i.test(path)
  );
}

function isExclusive({ site }: Effect): boolean {
  return site.call.arguments.some((argument) =>
    /["'`]a?[rw]x|O_EXCL/.test(textOf(site.module.source, argument)),
  );
}

/** A lock whose failure is swallowed or passed over, with a write after it. */
export function worksWithoutLock(effects: Effects): Finding[] {
  return framesOf(effects.modules).flatMap((frame) =>
    callsIn(frame)
      .filter((call) => isLockCall(call))
      .flatMap((call) => {
        const guard = goesOn(frame.module, call) ? guardOf(frame.module, call) : undefined;
        const after = guard?.handler?.end ?? passedOver(frame, call);
        if (after === undefined) return [];
        const write = effects
          .of(frame)
          .find(({ act, call: at }) => act !== "read" && act !== "default" && at.start > after);
        if (write === undefined) return [];
        const message = `when the lock is not had, line ${lineOf(write.call)} writes all the same`;
        const advice = "let the error end the work: withWriteLock(path, …) from @flockwork/core does";
        return [findingAt(frame.module.source, "write-without-lock", call, message, advice)];
      }),
  );
}

/** `if (!got) { … }` that does not leave, for a lock that was asked for before: where it ends. */
function passedOver({ module, node: root }: Frame, call: AnyNode): number | undefined {
  const { parents } = module.source;
  let declarator = parents.get(call);
  if (declarator?.type === "AwaitExpression") declarator = parents.get(declarator);
  if (declarator?.type !== "VariableDeclarator" || declarator.id.type !== "Identifier") return undefined;
  const { name } = declarator.id;
  let end: number | undefined;
  visit(root, (node) => {
    if (node.type !== "IfStatement" || node.start < call.start || node.alternate) return;
    const { test, consequent } = node;
    const missing =
      test.type === "UnaryExpression" && test.operator === "!" && test.argument.type === "Identifier";
    if (missing && (test.argument as { name?: string }).name === name && !leaves(consequent))
      end ??= node.end;
  });
  return end;
}

function unlocked(effects: Effects): readonly { readonly frame: Frame; readonly effect: Effect }[] {
  return framesOf(effects.modules).flatMap((frame) =>
    effects
      .of(frame)
      .filter(({ locked }) => !locked)
      .map((effect) => ({ frame, effect }))
      .filter(() => !effects.callersLock(frame)),
  );
}

/** Whether a test holds of an effect here, and not yet in the function that is called. */
function isFirstSeen(
  effects: Effects,
  { module }: Frame,
  effect: Effect,
  test: (each: Effect) => boolean,
): boolean {
  if (!test(effect)) return false;
  const called =
    effect.call === effect.site.call ? undefined : functionCalled(effects.modules, module, effect.call);
  return (
    called === undefined ||
    !effects.of(called).some((each) => each.site.call === effect.site.call && test(each))
  );
}
