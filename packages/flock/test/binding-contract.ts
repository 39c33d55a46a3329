// One suite for every binding: all of them are the same kernel lock and must behave alike.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import type { BindingName } from "../src/index.ts";
import { describeCheckedWaits } from "./contract/checked-waits.ts";
import { describeChecks } from "./contract/checks.ts";
import { describeDeaths } from "./contract/deaths.ts";
import { describeExclusion } from "./contract/exclusion.ts";
import { describeInterop } from "./contract/interop.ts";
import { describeOpenLocked } from "./contract/open-locked.ts";
import { describePrepared } from "./contract/prepared.ts";
import { describeWaits } from "./contract/waits.ts";
import { hostsRunning, LockHost, type Place } from "./support/lock-host.ts";
import { nodesUnderTest, reasonToSkip } from "./support/nodes.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

/** What the parts of the contract share: two processes that live as long as the suite, and fresh paths. */
export interface Scene {
  readonly binding: BindingName;
  readonly place: Place;
  readonly canWait: boolean;
  /** Two hosts for tests that leave them usable. */
  readonly hosts: () => { readonly ours: LockHost; readonly theirs: LockHost };
  /** A host for a test that ends it. */
  readonly startHost: () => Promise<LockHost>;
  /** A path nobody used before. */
  readonly freshPath: () => string;
}

const places: readonly Place[] = ["child process", "worker thread"];

/** Runs the contract for one binding on every Node and in both places. */
export function describeBinding(binding: BindingName): void {
  const directory = temporaryDirectory();
  let paths = 0;
  for (const node of nodesUnderTest) {
    const reason = reasonToSkip(binding, node);
    if (reason !== undefined) {
      console.warn(`SKIPPED: ${binding} on ${node.title}: ${reason}`);
      it.skip(`${binding}, ${node.title}: ${reason}`);
      continue;
    }
    for (const place of places) {
      describe(`${binding}, ${node.title}, in a ${place}`, () => {
        let ours: LockHost, theirs: LockHost;
        const startHost = (): Promise<LockHost> =>
          LockHost.start({ binding, execPath: node.execPath, place });
        beforeAll(async () => {
          [ours, theirs] = await Promise.all([startHost(), startHost()]);
        });
        afterEach(() => expect(hostsRunning(), "a test left a process behind").toBe(2));
        afterAll(async () => {
          expect(await Promise.all([ours.exit(0), theirs.exit(0)])).toEqual([0, 0]);
        });
        const scene: Scene = {
          binding,
          place,
          canWait: binding === "addon" || binding === "flock-command",
          hosts: () => ({ ours, theirs }),
          startHost,
          freshPath: () => `${directory}/${(paths += 1)}.lock`,
        };
        it("is the binding that was asked for, and says what it can do", async () => {
          expect(await ours.name()).toBe(binding);
          expect(await ours.canWait()).toBe(scene.canWait);
          expect(await ours.hasWaitSync()).toBe(scene.canWait);
          expect(await ours.hasOfd()).toBe(binding === "addon" && process.platform === "linux");
        });
        describeExclusion(scene);
        describeInterop(scene);
        describeChecks(scene);
        describePrepared(scene);
        describeOpenLocked(scene);
        describeWaits(scene);
        describeCheckedWaits(scene);
        describeDeaths(scene);
      });
    }
  }
}
