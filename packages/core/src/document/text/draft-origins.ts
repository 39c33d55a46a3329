import { isDraft, original } from "immer";
import { isContainer } from "./freeze-json.ts";

/** What each container of an unfinished draft was drafted from, in the shape of the value the draft will become. */
export interface OriginTree {
  readonly origin: object | undefined;
  readonly children: ReadonlyMap<string, OriginTree>;
}

/**
 * Notes where every part of a draft comes from, before it is finished and that is forgotten: an item that was changed and
 * moved still finds its bytes. Looks only at what the recipe touched or made.
 */
export function originsOf(value: unknown, maxDepth: number): OriginTree | undefined {
  return visit(value, new Map(), maxDepth);
}

function visit(value: unknown, seen: Map<object, OriginTree>, depthLeft: number): OriginTree | undefined {
  if (!isContainer(value) || depthLeft < 0) return undefined;
  // Base values are frozen; what is neither frozen nor a draft was made by the recipe and may hold drafts.
  const drafted = isDraft(value);
  if (!drafted && Object.isFrozen(value)) return undefined;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const children = new Map<string, OriginTree>();
  const tree: OriginTree = { origin: drafted ? original(value) : undefined, children };
  seen.set(value, tree);
  for (const key of Object.keys(value)) {
    // Reading the property would draft it; its descriptor shows it as it is.
    const child = visit(Object.getOwnPropertyDescriptor(value, key)?.value, seen, depthLeft - 1);
    if (child !== undefined) children.set(key, child);
  }
  return tree;
}
