/** What installing takes, of ours and of all that they are held against. */
import { rmSync } from "node:fs";
import { MissingHereError } from "../../measure/baselines.ts";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured } from "../../measure/comparison.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { interleave } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import {
  bytesOf,
  compiled,
  firstError,
  install,
  installedFiles,
  pack,
  peers,
  requireBuild,
  suite,
  wantedOf,
  whyNotImported,
} from "./packages.ts";

const subject = "installing";

/** A package, or several, and how npm installs it here. */
interface Installing {
  readonly name: string;
  readonly kind: "ours" | "peer";
  readonly wanted: readonly string[];
  readonly scripts: boolean;
  readonly megabytes: number;
  readonly note?: string | undefined;
  /** What it lacks when it is installed so. */
  readonly faults?: readonly string[];
}

/** Installs it a first time, which also puts all of it into the cache of npm. */
function tryOurs(context: BenchContext, name: string, wanted: readonly string[]): Installing {
  const project = context.file(`first-${name.replaceAll(/\W+/g, "-")}`);
  try {
    install(project, wanted);
  } catch (error) {
    throw new MissingHereError(`npm could not install ${name}: ${firstError(error)}`);
  }
  return { name, kind: "ours", wanted, scripts: false, megabytes: bytesOf(installedFiles(project)) / 1e6 };
}

/** With its script where it needs one and that works here. Without its binding it is half a package, and nobody to be ahead of. */
function tryPeer(context: BenchContext, name: string, wanted: readonly string[]): Installing {
  const project = context.file(`first-${name}`);
  let [scripts, note] = [
    compiled.has(name),
    compiled.has(name) ? "compiled when it is installed" : undefined,
  ];
  try {
    install(project, wanted, scripts);
  } catch (error) {
    if (!scripts) throw error;
    [scripts, note] = [false, undefined];
    rmSync(project, { recursive: true });
    install(project, wanted);
  }
  const lack = whyNotImported(project, name);
  return {
    name,
    kind: "peer",
    wanted,
    scripts,
    megabytes: bytesOf(installedFiles(project)) / 1e6,
    note,
    faults: lack === undefined ? [] : [`it has no binding: ${lack}`],
  };
}

async function measureInstalls(context: BenchContext): Promise<readonly Row[]> {
  requireBuild();
  const packed = suite.map((name) => pack(name, context.file("tarballs")));
  const core = packed.filter(({ name }) => name === "@flockwork/core" || name === "@flockwork/flock");
  const pathsOf = (some: typeof packed): readonly string[] => some.map(({ path }) => path);
  const all: Installing[] = [
    tryOurs(context, "@flockwork/core", pathsOf(core)),
    tryOurs(context, "@flockwork/*, all", pathsOf(packed)),
  ];
  const failures = new Failures(context.say);
  for (const name of peers)
    await failures.of(name, () => {
      const wanted = wantedOf(name);
      if (wanted === undefined)
        throw new MissingHereError("it is not installed here, and so its version is not known");
      try {
        all.push(tryPeer(context, name, wanted));
      } catch (error) {
        throw new MissingHereError(`npm could not install it: ${firstError(error)}`);
      }
    });
  const measured = await measureAll(context, all, failures);
  context.show(measured);
  return aheadRows(measured, "time, from npm's cache");
}

async function measureAll(
  context: BenchContext,
  all: readonly Installing[],
  failures: Failures,
): Promise<Measured> {
  let run = 0;
  const installing = Object.fromEntries(
    all.map(({ name, wanted, scripts }) => [
      name,
      (): number => {
        const project = context.file(`new-${(run += 1)}`);
        const ms = install(project, wanted, scripts);
        rmSync(project, { recursive: true });
        return ms;
      },
    ]),
  );
  const times = ended(await interleave(context.quick ? 1 : 3, failures.guard(installing)));
  const tried = new Set(all.map(({ name }) => name));
  const absent = peers
    .filter((name) => !tried.has(name))
    .map((name) => ({
      name,
      faults: failures.faultsOf(name),
      missing: failures.missingOf(name),
      figures: {},
    }));
  return {
    name: subject,
    durability: "none",
    metrics: [
      { name: "time, from npm's cache", unit: "ms", better: "less", drawn: true },
      { name: "size on the disk", unit: "MB", better: "less", drawn: true },
    ],
    contenders: [
      ...all.map(({ name, kind, megabytes, note, faults = [] }) => ({
        name,
        kind,
        note,
        faults: [...faults, ...failures.faultsOf(name)],
        figures: { "time, from npm's cache": times[name] ?? [], "size on the disk": [megabytes] },
      })),
      ...absent,
    ],
  };
}

export const installs: Group = { name: "installs", measure: measureInstalls };
