import type { Store } from "@flockwork/core";
import type { ClaimContext } from "./claim-board.ts";
import { currentBranch, schemaOf } from "./files.ts";
import type { OpenJitOptions } from "./options.ts";

/** What jit calls a worktree that it does not know. */
const unknownWorktree = "wt:00000000";

/** Where claims are made, as jit notes it: its own `worktree.json` names the worktree, git the branch. Asked for once. */
export function contextOf(
  store: Store,
  project: string,
  { worktreeId, branch }: Pick<OpenJitOptions, "worktreeId" | "branch">,
): () => Promise<ClaimContext> {
  const identity = store.document<{ readonly worktree_id: string }>({
    name: "worktree.json",
    layout: "jit",
    defaults: () => ({ worktree_id: unknownWorktree }),
    schema: schemaOf(
      "jit's worktree.json: worktree_id must be a text",
      ({ worktree_id: id }) => typeof id === "string",
    ),
  });
  let known: ClaimContext | undefined;
  return async () =>
    (known ??= {
      worktreeId: worktreeId ?? (await identity.read()).worktree_id,
      branch: branch ?? currentBranch(project),
    });
}
