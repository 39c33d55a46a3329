// Packs every package, installs the tarballs into an empty folder as a new user would, and uses them from ESM, CommonJS and
// TypeScript, on every Node that is supported. Needs a package registry. The packages must be built: `npm run build`.
//   npm run consumers
//   npm run consumers -- --tarballs DIRECTORY    keeps the tarballs there: to publish, or for another machine
//   npm run consumers -- --sbom FILE             writes a bill of materials, in CycloneDX's format
//   npm run consumers -- --signatures            has npm check the registry's signatures, where the registry has some
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { budgets, judgeEntries, judgeTarballs } from "./budgets.ts";
import { run } from "./run.ts";
import { checkSignatures, judgeContents, judgeLicences, writeBillOfMaterials } from "./supply-chain.ts";
import { weigh } from "./weigh.ts";

const repository = join(import.meta.dirname, "../..");
const nodes = ["22.23.3", "24.21.0", "26.10.0"];
const compilers = ["5.5.4", "5.9.3", "6.0.3", "7.0.2"];

const options = parseArgs({
  options: {
    tarballs: { type: "string" },
    sbom: { type: "string" },
    signatures: { type: "boolean" },
  },
}).values;
const faults: string[] = [];
const place = mkdtempSync(join(tmpdir(), "flockwork-consumers-"));
try {
  const tarballs = pack();
  keep(tarballs);
  const project = installTarballs(tarballs);
  checkNothingRunsAtInstall(project);
  faults.push(...judgeLicences(project), ...judgeContents(tarballs));
  if (options.sbom !== undefined) writeBillOfMaterials(project, options.sbom);
  if (options.signatures === true) attempt("signatures", () => console.log(checkSignatures(project).trim()));
  const { lines, faults: tooLarge } = judgeEntries(
    Object.keys(budgets).map((entry) => weigh(project, entry)),
  );
  console.log(lines.join("\n"));
  faults.push(...tooLarge, ...judgeTarballs(tarballs));
  for (const version of nodes) useOn(version, project);
  useWithoutFlock(project);
  for (const version of compilers) compileWith(version, project);
} finally {
  rmSync(place, { recursive: true, force: true });
}
for (const fault of faults) console.error(`FAILED: ${fault}`);
console.log(
  `${faults.length === 0 ? "proof" : "FAILED"}: ${nodes.length} Nodes, ${compilers.length} compilers, ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

function pack(): readonly string[] {
  const tarballs = join(place, "tarballs");
  mkdirSync(tarballs);
  for (const manifest of globSync("packages/*/package.json", { cwd: repository })) {
    const { private: hidden } = JSON.parse(readFileSync(join(repository, manifest), "utf8")) as {
      private?: boolean;
    };
    if (hidden === true) continue;
    run("pnpm", ["pack", "--pack-destination", tarballs], join(repository, dirname(manifest)));
  }
  return globSync("*.tgz", { cwd: tarballs }).map((name) => join(tarballs, name));
}

function keep(tarballs: readonly string[]): void {
  const { tarballs: directory } = options;
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  for (const tarball of tarballs) cpSync(tarball, join(directory, basename(tarball)));
}

/** With --ignore-scripts, as careful people install: nothing may be missing then. */
function installTarballs(tarballs: readonly string[]): string {
  const project = join(place, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "name": "consumer", "version": "0.0.0", "private": true }');
  const startedAt = performance.now();
  npm(["install", "--ignore-scripts", ...tarballs], project);
  console.log(
    `installed ${tarballs.length} packages in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`,
  );
  return project;
}

function checkNothingRunsAtInstall(project: string): void {
  for (const manifest of globSync("node_modules/**/package.json", { cwd: project })) {
    const { name, scripts = {} } = JSON.parse(readFileSync(join(project, manifest), "utf8")) as {
      name?: string;
      scripts?: Record<string, string>;
    };
    for (const script of ["preinstall", "install", "postinstall"])
      if (scripts[script] !== undefined) faults.push(`${name ?? manifest} runs a ${script} script`);
  }
  // npm compiles whatever has this file at its root.
  for (const found of globSync(["node_modules/*/binding.gyp", "node_modules/@*/*/binding.gyp"], {
    cwd: project,
  }))
    faults.push(`${found} would be compiled at install time`);
}

/** Runs the scripts of `use/` in a copy of the project, and the command line. */
function useOn(version: string, project: string): void {
  const tools = join(place, `node-${version}`);
  mkdirSync(tools);
  // The script of the npm package `node` fetches the binary of this machine.
  writeFileSync(
    join(tools, "package.json"),
    '{ "name": "tools", "private": true, "allowScripts": { "node": true } }',
  );
  npm(["install", `node@${version}`], tools);
  const node = join(tools, "node_modules/node/bin/node");
  const copy = join(place, `on-${version}`);
  cpSync(project, copy, { recursive: true, verbatimSymlinks: true });
  cpSync(join(import.meta.dirname, "use"), copy, { recursive: true });
  attempt(`Node ${version}`, () => {
    const flockwork = join(copy, "node_modules/@flockwork/cli/dist/main.js");
    const said = [
      run(node, ["--version"], copy),
      run(node, ["--disable-warning=ExperimentalWarning", "esm.mjs"], copy),
      run(node, ["--disable-warning=ExperimentalWarning", "commonjs.cjs"], copy),
      `flockwork ${run(node, [flockwork, "exec", "state.json", "--", "echo", "works under the lock"], copy)}`,
    ];
    console.log(said.map((line) => line.trim()).join("; "));
    if (!said[0]?.includes(version)) throw new Error(`it is ${said[0] ?? "?"}`);
  });
}

/** As on Windows: no binding of flock(2) can be had. */
function useWithoutFlock(project: string): void {
  const copy = join(place, "without-flock");
  cpSync(project, copy, { recursive: true, verbatimSymlinks: true });
  cpSync(join(import.meta.dirname, "use/without-flock.mjs"), join(copy, "without-flock.mjs"));
  attempt("without flock", () => {
    const said = run(process.execPath, ["--disable-warning=ExperimentalWarning", "without-flock.mjs"], copy, {
      FLOCKWORK_FLOCK_BINDING: "fs-ext", // which is not installed
    });
    console.log(said.trim());
  });
}

function compileWith(version: string, project: string): void {
  const copy = join(place, `typed-${version}`);
  cpSync(project, copy, { recursive: true, verbatimSymlinks: true });
  cpSync(join(import.meta.dirname, "use/typed.ts"), join(copy, "typed.ts"));
  npm(["install", "--ignore-scripts", `typescript@${version}`, "@types/node@22"], copy);
  writeFileSync(join(copy, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }');
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    noEmit: true,
    types: ["node"],
  };
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["typed.ts"] }));
  attempt(`TypeScript ${version}`, () => {
    run(process.execPath, [join(copy, "node_modules/typescript/bin/tsc"), "-p", copy], copy);
    console.log(`TypeScript ${version} compiles, declarations of the packages included`);
  });
}

function npm(args: readonly string[], directory: string): void {
  run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], directory);
}

function attempt(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    faults.push(`${what}: ${(error as Error).message}`);
  }
}
