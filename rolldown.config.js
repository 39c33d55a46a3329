// How every package is built: a file for each entry, and one for what entries share or load later. It runs in the directory of the
// package; declarations come from tsc (tsconfig.build.json). Why: docs/decisions/0015-a-file-for-each-entry.md.
import { readFileSync } from "node:fs";
import { defineConfig } from "rolldown";

const { bin = {}, engines, exports: entries } = JSON.parse(readFileSync("package.json", "utf8"));
const built = [...Object.values(entries).map((entry) => entry.default), ...Object.values(bin)];
/** `fs/index` of `./dist/fs/index.js`, which is made of `src/fs/index.ts`. */
const names = built.flatMap((path) => /^\.\/dist\/(.+)\.js$/.exec(path)?.[1] ?? []);

export default defineConfig({
  input: Object.fromEntries(names.map((name) => [name, `src/${name}.ts`])),
  platform: "node",
  external: /^[^./]/, // all other packages, ours too: no class may exist twice in a program
  transform: { target: engines.node.replace(">=", "node") },
  output: {
    dir: "dist",
    cleanDir: true, // what an older build left there would be published
    chunkFileNames: "chunks/[name].js",
    minifyInternalExports: false,
    comments: { legal: true, annotation: true, jsdoc: false }, // they are in the declarations and in src; here each program compiles them
    sourcemap: true,
    sourcemapExcludeSources: true, // src is published
  },
});
