/** How large the packages are, held against the budgets they began with. Bytes: the same each time, so that each is measured once. */
import { weigh, type Weight } from "../../../../examples/consumers/weigh.ts";
import { MissingHereError } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import type { Disturbance } from "../../measure/rounds.ts";
import { judge, type Row, type Unit } from "../../measure/row.ts";
import {
  bytesOf,
  firstError,
  install,
  installedFiles,
  pack,
  requireBuild,
  suite,
  type InstalledFile,
} from "./packages.ts";

/** `docs/sizes.md` says which of them are given up, and what for. */
export const budgets = { coreKB: 12, packageKB: 25, suiteMB: 1, addonKB: 300 } as const;

/** What a program imports of a package, where that is not the package itself. */
const entries: Readonly<Record<string, string>> = {
  "@flockwork/otel": "@flockwork/otel/prometheus", // the other one needs OpenTelemetry
  "@flockwork/cli": "node_modules/@flockwork/cli/dist/main.js",
};

export interface Loaded extends Weight {
  readonly name: string;
}

async function measureFootprints(context: BenchContext): Promise<readonly Row[]> {
  requireBuild();
  const packed = suite.map((name) => pack(name, context.file("packed")));
  const project = context.file("consumer");
  try {
    install(
      project,
      packed.map(({ path }) => path),
    );
  } catch (error) {
    throw new MissingHereError(`npm could not install: ${firstError(error)}`);
  }
  const files = installedFiles(project); // before anything else is put there
  const loaded = suite.map((name) => ({ name, ...weigh(project, entries[name] ?? name) }));
  showLoaded(context, loaded);
  context.show({
    name: "tarballs",
    durability: "none",
    isOrdered: true,
    metrics: [{ name: "size", unit: "KB", better: "less", drawn: true }],
    contenders: packed.map(({ name, kilobytes }) => ({ name, figures: { size: [kilobytes] } })),
  });
  return [...loadedRows(loaded), ...installedRows(files)];
}

function showLoaded(context: BenchContext, loaded: readonly Loaded[]): void {
  const metric = (name: string, drawn = false) => ({ name, unit: "KB", better: "less", drawn }) as const;
  context.show({
    name: "what importing loads, gzipped",
    durability: "none",
    isOrdered: true,
    metrics: [
      metric("minified", true),
      metric("as published, without comments"),
      metric("of that, by others"),
    ],
    contenders: loaded.map(({ name, own, others, minified }) => ({
      name,
      figures: {
        minified: [minified],
        "as published, without comments": [own + others],
        "of that, by others": [others],
      },
    })),
  });
}

/** Whatever others do meanwhile. */
const bytesAreBytes: Disturbance = { othersShare: 0, repeated: 0 };

function row(name: string, unit: Unit, ours: number, atMost: number, note: string): Row {
  const goal = { compared: "ours", atMost } as const;
  return judge({ name, durability: "none", unit, ours: [ours], goal, disturbance: bytesAreBytes, note });
}

export function loadedRows(loaded: readonly Loaded[]): readonly Row[] {
  return loaded.map(({ name, files, minified }) =>
    row(
      `what importing ${name} loads, minified and gzipped`,
      "KB",
      minified,
      name === "@flockwork/core" ? budgets.coreKB : budgets.packageKB,
      `its dependencies included: ${files} file${files === 1 ? "" : "s"}`,
    ),
  );
}

export function installedRows(files: readonly InstalledFile[]): readonly Row[] {
  const addons = files.filter(({ path }) => path.endsWith(".node"));
  const rest = files.filter((file) => !addons.includes(file));
  const others = rest.filter(({ path }) => !path.startsWith("@flockwork/"));
  const megabytes = (some: readonly InstalledFile[]): string => (bytesOf(some) / 1e6).toFixed(1);
  const largest = addons.toSorted((a, b) => b.bytes - a.bytes)[0];
  return [
    row(
      "the whole suite, installed, without the addon",
      "MB",
      bytesOf(rest) / 1e6,
      budgets.suiteMB,
      `${rest.length} files; ${megabytes(others)} MB of packages of others; of ours ${shares(rest, megabytes)}`,
    ),
    row(
      "the addon, for one platform",
      "KB",
      largest === undefined ? Number.NaN : largest.bytes / 1_000,
      budgets.addonKB,
      largest?.path ?? "no addon was built here",
    ),
  ];
}

/** What ours are made of: `src 1.2 MB, …` */
function shares(
  files: readonly InstalledFile[],
  megabytes: (some: readonly InstalledFile[]) => string,
): string {
  const kinds: readonly (readonly [string, RegExp])[] = [
    ["code", /\/dist\/.*\.js$/],
    ["its source maps", /\/dist\/.*\.js\.map$/],
    ["declarations and their maps", /\/dist\/.*\.d\.ts(\.map)?$/],
    ["sources", /\/src\//],
  ];
  return kinds
    .map(([kind, path]) => {
      const some = files.filter((file) => file.path.startsWith("@flockwork/") && path.test(file.path));
      return `${kind} ${megabytes(some)}`;
    })
    .join(", ");
}

export const footprints: Group = { name: "package sizes", measure: measureFootprints };
