// Prints which files an entry loads, as JSON: node loaded.mjs ENTRY. An entry that ends in .js is a command, asked for its version.
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const loaded = new Set();
registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) loaded.add(url);
    return next(url, context);
  },
});
const [entry = ""] = process.argv.slice(2);
const write = process.stdout.write.bind(process.stdout);
if (entry.endsWith(".js")) {
  process.argv.splice(1, 2, entry, "--version");
  process.stdout.write = () => true;
  await import(pathToFileURL(join(process.cwd(), entry)).href);
} else await import(entry);
write(JSON.stringify([...loaded]));
