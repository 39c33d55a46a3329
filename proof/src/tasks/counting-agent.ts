// Claims tasks one after the other and counts each up under its claim; says which one, once that was acknowledged. Until it is
// killed. Arguments: kind, directory, name.
import { flushCompileCache } from "node:module";
import { openCounted, type Kind } from "./stores.ts";

const [, , kind = "", directory = "", name = ""] = process.argv;
const tasks = await openCounted(kind as Kind, directory);
flushCompileCache(); // it will be killed: the next ones start three times as fast
for (;;) {
  for (const id of await tasks.ids()) {
    const claim = await tasks.claims.claim(id, {
      holder: name,
      leaseMs: 60_000,
      keep: kind === "jit", // with a heartbeat, for others to see that it is gone
      timeoutMs: Infinity,
    });
    if (!claim.granted) continue;
    await tasks.setCount(id, (await tasks.count(id)) + 1, claim);
    console.log(id);
    await claim.release();
  }
}
