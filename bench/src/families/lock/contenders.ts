/** Who is compared in the rows of locks: ours, the packages, and programs in other languages, which show where the limit is. */
import {
  cBaseline,
  goBaseline,
  gofrsBaseline,
  pathOf,
  pythonBaseline,
  rustBaseline,
  type Baseline,
} from "../../measure/baselines.ts";
import type { ContenderKind } from "../../measure/comparison.ts";
import { LineProgram, nodeWorker } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";

export interface LockContender {
  readonly name: string;
  /** What it is in `workers/lock-ways.ts`; programs in other languages are none. */
  readonly way: string | undefined;
  /** Packages that it cannot do without. */
  readonly peers: readonly string[];
  /** `bare`: callers of one process do not exclude each other. */
  readonly kind: ContenderKind;
  /** What those that promise less do not do. */
  readonly note?: string;
  /** A member of a fleet. @throws {MissingHereError} this machine does not have it. */
  readonly member: (args: readonly string[]) => LineProgram;
  /** A program that locks and unlocks a free lock so many times. @throws {MissingHereError} as above. */
  readonly uncontended: (path: string) => LineProgram;
}

/** What the bare bindings leave to their callers. */
export const bareNote =
  "it keeps one descriptor and excludes processes only: no look whether the file is still the same one, no turns among the callers of a process";

function packaged(name: string, way: string, peer: string | undefined, kind: ContenderKind): LockContender {
  const peers = peer === undefined ? [] : [peer];
  const worker = (file: string, args: readonly string[]): LineProgram => {
    requirePeers(...peers);
    return nodeWorker(file, args);
  };
  return {
    name,
    way,
    peers,
    kind,
    ...(kind === "bare" ? { note: bareNote } : {}),
    member: (args) => worker("section.ts", [...args, way]),
    uncontended: (path) => worker("uncontended.ts", [path, way]),
  };
}

type Start = (baseline: Baseline, args: readonly string[]) => LineProgram;
const compiled: Start = (baseline, args) => new LineProgram(pathOf(baseline), args);
const interpreted: Start = (baseline, args) => new LineProgram("python3", [pathOf(baseline), ...args]);

function language(
  name: string,
  section: () => Baseline,
  uncontended: () => Baseline,
  start: Start,
): LockContender {
  return {
    name,
    way: undefined,
    peers: [],
    kind: "line",
    member: (args) => start(section(), args),
    uncontended: (path) => start(uncontended(), [`${path}.lock`]),
  };
}

export const ours: LockContender = packaged("Flockwork", "ours", undefined, "peer");
export const oursSync: LockContender = packaged("Flockwork, sync", "ours, sync", undefined, "ours");
/** Readers get in together: it is no contender where one excludes the others. */
export const oursReading: LockContender = packaged("Flockwork, read lock", "ours, read", undefined, "ours");

/** Polling ones with the shortest wait between tries that they allow. */
export const packages: readonly LockContender[] = [
  packaged("proper-lockfile, 1 ms", "proper-lockfile, 1 ms", "proper-lockfile", "peer"),
  packaged("lockfile, 1 ms", "lockfile, 1 ms", "lockfile", "peer"),
  packaged("cross-process-lock", "cross-process-lock", "cross-process-lock", "peer"),
  packaged("os-lock (fcntl)", "os-lock", "os-lock", "bare"),
  packaged("fs-native-extensions (fcntl)", "fs-native-extensions", "fs-native-extensions", "bare"),
  packaged("fs-ext (raw flock)", "fs-ext", "fs-ext", "bare"),
];

export const languages: readonly LockContender[] = [
  language(
    "C flock",
    () => cBaseline("section"),
    () => cBaseline("uncontended"),
    compiled,
  ),
  language(
    "Rust flock",
    () => rustBaseline("section"),
    () => rustBaseline("uncontended"),
    compiled,
  ),
  language(
    "Go flock",
    () => gofrsBaseline(),
    () => goBaseline("uncontended"),
    compiled,
  ),
  language(
    "Python flock",
    () => pythonBaseline("section"),
    () => pythonBaseline("uncontended"),
    interpreted,
  ),
];
