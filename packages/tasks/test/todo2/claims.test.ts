import { openTodo2, openTodo2State } from "../../src/todo2.ts";
import { claimsContract } from "../claims/claims-contract.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

for (const kind of ["database", "state file"] as const) {
  claimsContract<string>(`exarp's ${kind}`, async (clock) => {
    const directory = temporaryDirectory();
    const todo2 =
      kind === "database" ? openTodo2(directory, { clock }) : openTodo2State(directory, { clock });
    if ("migrate" in todo2) await todo2.migrate();
    for (const id of ["T-1", "T-2", "T-3"]) await todo2.create({ id, content: `Task ${id}` });
    let count = 0;
    return {
      claims: todo2.claims,
      ids: ["T-1", "T-2", "T-3"],
      missing: "T-4",
      remove: (id, claim) => todo2.remove(id, { claim }),
      change: (id, claim) => todo2.update(id, { content: `changed ${(count += 1)}` }, { claim }),
    };
  });
}
