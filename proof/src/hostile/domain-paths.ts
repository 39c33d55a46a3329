/** P11: what somebody put where a domain package keeps its data, or its lock, is not used: the call is refused, and changes nothing. */
import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { describe } from "../harness/tally.ts";
import { onFastDisk } from "../states/states.ts";
import { domainCalls, type DomainCall } from "./domain-calls.ts";
import {
  asItsUser,
  giveAway,
  giveToStranger,
  handOver,
  hardLinkToVictim,
  linkToNothing,
  linkToVictim,
  makeDevice,
  makeFifo,
  makeSocket,
  openTo,
  placeKinds,
  refusalOf,
  type Make,
  type PlaceKind,
} from "./hostile-paths.ts";
import { isTyped, leavesOutside, refuses } from "./refusal.ts";

interface Attack {
  readonly what: string;
  readonly make: Make;
  /** It may be used as it is: what lies outside must stay. */
  readonly harmless?: true;
  /** Only what another user planted is refused. */
  readonly onlyForAll?: true;
}

const anywhere: readonly Attack[] = [
  { what: "a directory", make: (path) => mkdirSync(path) },
  { what: "a FIFO", make: makeFifo },
  { what: "a device", make: makeDevice },
  { what: "a socket", make: makeSocket },
];
const atData: readonly Attack[] = [
  ...anywhere,
  {
    what: "a file with two names",
    make(path, outside) {
      writeFileSync(path, "");
      linkSync(path, join(outside, "other"));
    },
  },
  { what: "a link to itself", make: (path) => symlinkSync(path, path) },
  {
    what: "a link to what it was",
    make: (path, outside) => symlinkSync(join(outside, "was"), path),
    onlyForAll: true,
  },
];
const atLock: readonly Attack[] = [
  ...anywhere,
  { what: "a link to a file", make: linkToVictim },
  { what: "a link to nothing", make: linkToNothing },
  { what: "a file of another user", make: giveAway },
  { what: "another name of a file", make: hardLinkToVictim, harmless: true },
];

export async function domainPaths(
  context: PartContext,
  calls: readonly DomainCall[] = domainCalls,
): Promise<void> {
  for (const kind of placeKinds)
    for (const call of calls) {
      const attacks = [
        ...call.data.flatMap((file) => atData.map((attack) => ({ file, ...attack }))),
        ...call.locks.flatMap((file) => atLock.map((attack) => ({ file, ...attack }))),
      ].filter(({ onlyForAll }) => onlyForAll !== true || kind === "for all");
      await attacked(context, call, kind, attacks);
    }
  context.say("hostile paths of the domain packages");
}

async function attacked(
  { tally }: PartContext,
  call: DomainCall,
  kind: PlaceKind,
  attacks: readonly (Attack & { readonly file: string })[],
): Promise<void> {
  await onFastDisk(async (outside) => {
    const place = join(outside, "place");
    const run = (): Promise<unknown> => asItsUser(kind, () => call.run(place));
    mkdirSync(place);
    openTo(kind, place);
    if (refusalOf(kind) === undefined) handOver(kind, place);
    for (const attack of attacks) {
      const { file, what, harmless } = attack;
      const title = `${file} is ${what}${kind === "own" ? "" : `, in a directory ${kind}`}: ${call.name}`;
      const refusal = refusalOf(kind);
      if (refusal !== undefined) {
        tally.skip(title, refusal);
        continue;
      }
      try {
        await run(); // it works, before each of them and after the one before
        const reason = await inPlaceOf(join(place, file), outside, kind, attack.make, () => {
          handOver(kind, place);
          if (harmless === true) return leavesOutside(outside, "place", run);
          return refuses(outside, run, isTyped, "place");
        });
        if (reason === undefined) tally.pass();
        else tally.skip(title, reason);
      } catch (error) {
        tally.fail(title, describe(error));
      }
    }
  });
}

/** @returns why it could not be made here, if so. */
async function inPlaceOf(
  path: string,
  outside: string,
  kind: PlaceKind,
  make: Make,
  work: () => Promise<void>,
): Promise<string | undefined> {
  const aside = join(outside, "aside");
  closeIdleLocks();
  closeAppendFiles();
  openTo(kind, dirname(path));
  copyFileSync(path, join(outside, "was"));
  writeFileSync(join(outside, "victim"), "must stay");
  renameSync(path, aside);
  try {
    const made = await make(path, outside);
    if (typeof made === "string") return made;
    giveToStranger(path, kind);
    await work();
    return undefined;
  } finally {
    for (const left of [path, join(outside, "other")]) rmSync(left, { recursive: true, force: true });
    renameSync(aside, path);
  }
}
