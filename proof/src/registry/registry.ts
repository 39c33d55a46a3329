/** Machines and agents between processes that live, pause and die. The short forms of all of it are the package's own tests. */
import type { Part, PartContext } from "../harness/part.ts";
import { besideGasTown } from "./beside-gas-town.ts";
import { killedAndStopped } from "./killed-and-stopped.ts";
import { killedWhileEvicting } from "./killed-while-evicting.ts";

export interface RegistrySizes {
  /** Machines that are added, half by Go and half by us. */
  readonly adds: number;
  /** Agents, each a process of its own; a fifth of them is killed, a tenth stopped. */
  readonly agents: number;
  /** Sweepers that are killed at random moments. */
  readonly kills: number;
}

export const registrySizes: Readonly<Record<"test" | "short" | "long", RegistrySizes>> = {
  test: { adds: 80, agents: 10, kills: 3 },
  short: { adds: 4_000, agents: 50, kills: 30 },
  long: { adds: 8_000, agents: 50, kills: 500 },
};

export const registry: Part = (context) =>
  runRegistry(context, context.long ? registrySizes.long : registrySizes.short);

export async function runRegistry(context: PartContext, sizes: RegistrySizes): Promise<void> {
  await besideGasTown(context, sizes.adds);
  await killedAndStopped(context, sizes.agents);
  await killedWhileEvicting(context, sizes.kills);
}
