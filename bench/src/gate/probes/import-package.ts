/** What it costs to import a package, in a process that has done nothing before. Argument: the package. It answers with the cost. */
import { costOf, marked } from "./cost.ts";

const [specifier = ""] = process.argv.slice(2);
const cost = await costOf(1, () => marked(() => import(specifier)));
process.stdout.write(`${JSON.stringify(cost)}\n`);
