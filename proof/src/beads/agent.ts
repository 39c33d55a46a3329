/**
 * One of many agents on one `.beads` directory. Arguments: directory, name, number of writes, durability. Each write that was
 * acknowledged is told as a line of JSON at once; the last line is `done`.
 */
import { openBeads } from "@flockwork/beads";

const [directory = "", name = "", count = "0"] = process.argv.slice(2);
const beads = openBeads(directory, { durability: "os" });
const tell = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
let last = "";

for (let n = 0; n < Number(count); n += 1) {
  switch (n % 5) {
    case 0: {
      const { issue } = await beads.create({ title: `Issue ${n}` }); // all agents make the same titles at the same time
      last = issue.id;
      tell({ created: last });
      break;
    }
    case 1:
      await beads.comment("bd-shared", { author: name, text: `${name} ${n}` });
      tell({ comment: `${name} ${n}` });
      break;
    case 2:
      await beads.update("bd-shared", ({ labels = [] }) => ({ labels: [...labels, `${name}-${n}`] }));
      tell({ label: `${name}-${n}` });
      break;
    case 3:
      await beads.batchUpdate([
        { id: last, change: { status: "closed" } },
        { id: `bd-log-${name}`, change: ({ notes = "" }) => ({ notes: `${notes}${last}\n` }) },
      ]);
      tell({ closed: last });
      break;
    default: {
      const claim = await beads.claimReady({ actor: name });
      if (claim !== undefined) tell({ claimed: claim.id });
    }
  }
}
process.stdout.write("done\n");
