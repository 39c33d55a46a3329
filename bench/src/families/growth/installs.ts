/** How large the packages are, and what installing them takes. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MissingHereError } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured } from "../../measure/comparison.ts";
import { interleave } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import { bench, ours, peers, requireBuild, root } from "./packages.ts";

interface Packed {
  readonly path: string;
  readonly kilobytes: number;
}

function pack(name: string, into: string): Packed {
  mkdirSync(into, { recursive: true });
  const directory = join(root, "packages", name.slice("@flockwork/".length));
  const before = new Set(readdirSync(into));
  execFileSync("pnpm", ["pack", "--pack-destination", into], { cwd: directory, stdio: "pipe" });
  const made = readdirSync(into).find((file) => !before.has(file)) ?? "";
  return { path: join(into, made), kilobytes: statSync(join(into, made)).size / 1_000 };
}

/** Milliseconds, and what lies in node_modules then. From the cache of npm where it has what is asked for. */
function install(into: string, what: readonly string[]): { readonly ms: number; readonly megabytes: number } {
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, "package.json"), '{ "name": "new", "private": true }');
  const since = performance.now();
  execFileSync(
    "npm",
    [
      "install",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      "--loglevel=error",
      ...what,
    ],
    { cwd: into, stdio: "pipe", timeout: 120_000 },
  );
  const ms = performance.now() - since;
  const files = readdirSync(join(into, "node_modules"), { recursive: true, withFileTypes: true });
  const bytes = files.reduce(
    (sum, file) => sum + (file.isFile() ? statSync(join(file.parentPath, file.name)).size : 0),
    0,
  );
  return { ms, megabytes: bytes / 1e6 };
}

async function measurePackages(context: BenchContext): Promise<readonly Row[]> {
  requireBuild();
  const rounds = context.quick ? 1 : 3;
  const packed = ours.map((name) => ({ name, ...pack(name, context.file("tarballs")) }));
  const core = packed.filter(({ name }) => name === "@flockwork/core" || name === "@flockwork/flock");
  const versionOf = (name: string): string =>
    (
      JSON.parse(readFileSync(join(bench, "node_modules", name, "package.json"), "utf8")) as {
        version: string;
      }
    ).version;
  const installs: Record<string, readonly string[]> = {
    "@flockwork/core": core.map(({ path }) => path),
    "@flockwork/*, all": packed.map(({ path }) => path),
    ...Object.fromEntries(
      peers
        .filter((name) => existsSync(join(bench, "node_modules", name)))
        .map((name) => [name, [`${name}@${versionOf(name)}`]]),
    ),
  };
  let run = 0;
  let figures: Record<string, { ms: number; megabytes: number }[]>;
  try {
    for (const what of Object.values(installs)) install(context.file(`warm-${(run += 1)}`), what); // npm has them all by now
    figures = await interleave(
      rounds,
      Object.fromEntries(
        Object.entries(installs).map(([name, what]) => [
          name,
          async () => install(context.file(`new-${(run += 1)}`), what),
        ]),
      ),
    );
  } catch (error) {
    throw new MissingHereError(
      `npm could not install: ${error instanceof Error ? error.message.split("\n")[0] : ""}`,
    );
  }
  const measured: Measured = {
    name: "installing",
    durability: "none",
    metrics: [
      { name: "time, from npm's cache", unit: "ms", better: "less", drawn: true },
      { name: "size on the disk", unit: "MB", better: "less", drawn: true },
    ],
    contenders: Object.entries(figures).map(([name, all]) => ({
      name,
      kind: name.startsWith("@flockwork/") ? "ours" : "peer",
      figures: {
        "time, from npm's cache": all.map(({ ms }) => ms),
        "size on the disk": all.map(({ megabytes }) => megabytes),
      },
    })),
  };
  context.show(measured);
  context.show({
    name: "tarballs",
    durability: "none",
    isOrdered: true,
    metrics: [{ name: "size", unit: "KB", better: "less", drawn: true }],
    contenders: packed.map(({ name, kilobytes }) => ({ name, figures: { size: [kilobytes] } })),
  });
  return aheadRows(measured, "time, from npm's cache");
}

export const installs: Group = { name: "installs", measure: measurePackages };
