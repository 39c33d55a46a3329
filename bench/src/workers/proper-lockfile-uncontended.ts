/** proper-lockfile's lock and release, one caller. Argument: data file. A line is a count. */
import { properLockfile } from "./proper-lockfile.ts";
import { answerLines, costOf } from "./line-server.ts";

const [path = ""] = process.argv.slice(2);

await answerLines((line) => {
  const count = Number(line);
  return costOf(count, async () => {
    for (let at = 0; at < count; at += 1) {
      const release = await properLockfile.lock(path, { realpath: false });
      await release();
    }
  });
});
