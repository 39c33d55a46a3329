import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { BindingName } from "../../src/index.ts";

/** A Node the contract is run on. */
export interface NodeUnderTest {
  readonly title: string;
  readonly execPath: string;
}

const fixture = fileURLToPath(new URL("../fixtures/lock-host.ts", import.meta.url));

function installed(major: number): NodeUnderTest {
  const execPath = fileURLToPath(new URL(`../../node_modules/node${major}/bin/node`, import.meta.url));
  return { title: `Node ${major}`, execPath };
}

/** The running Node, and the oldest and newest supported majors. */
export const nodesUnderTest: readonly NodeUnderTest[] = [
  { title: `Node ${process.versions.node}`, execPath: process.execPath },
  installed(22),
  installed(26),
];

/** Why a binding need not run on a Node; undefined when it must. Said aloud, since a skip hides a gap. */
export function reasonToSkip(binding: BindingName, node: NodeUnderTest): string | undefined {
  if (!existsSync(node.execPath)) return "this Node is packaged for linux-x64 only";
  if (binding === "flock-command" && process.platform !== "linux") return "flock(1) belongs to Linux";
  if (binding !== "fs-ext" || node.execPath === process.execPath) return undefined;
  const probe = spawnSync(node.execPath, ["--conditions=@flockwork/source", fixture, "probe"], {
    env: { ...process.env, FLOCKWORK_FLOCK_BINDING: binding },
    encoding: "utf8",
  });
  const mismatch = /NODE_MODULE_VERSION \d+/.exec(probe.stderr)?.[0];
  return probe.status === 0 ? undefined : `fs-ext is built for another Node (${mismatch ?? probe.stderr})`;
}
