import type { PartContext } from "../harness/part.ts";
import { describeFault, type Fault } from "./fault-plan.ts";

/** What trying a fault comes to where its call was not made this time: nothing failed, so nothing was shown. */
export const notReached = "the call was not reached";

/**
 * So often a fault is tried before it is given up. What is made every time is reached at once; some calls come by chance, such
 * as the look for others who wait, which only a long hold is followed by.
 */
const attempts = 5;

/**
 * Tries each fault. Only one whose call was reached counts as an injection, and can pass.
 * @param tryFault - What is wrong after a fault, or undefined, or `notReached`.
 */
export async function injectAll(
  { tally, say }: Pick<PartContext, "tally" | "say">,
  name: string,
  faults: readonly Fault[],
  tryFault: (fault: Fault) => Promise<string | undefined>,
): Promise<void> {
  for (const count of ["injections", "unreached", "violations"]) tally.count(count, 0);
  const unreached: string[] = [];
  let violations = 0;
  for (const fault of faults) {
    let wrong: string | undefined = notReached;
    for (let attempt = 0; attempt < attempts && wrong === notReached; attempt += 1)
      wrong = await tryFault(fault);
    if (wrong === notReached) {
      unreached.push(describeFault(fault));
      continue;
    }
    tally.count("injections");
    if (wrong === undefined) {
      tally.pass();
      continue;
    }
    violations += 1;
    tally.fail(`T3/P6 violation: ${name} with ${describeFault(fault)}`, wrong);
  }
  tally.count("violations", violations);
  tally.count("unreached", unreached.length);
  for (const each of unreached) say(`${name}: not reached: ${each}`);
  if (unreached.length > faults.length / 2)
    tally.fail(`T3: ${name}`, `${unreached.length} of ${faults.length} faults were not reached`);
  say(`${name}: ${faults.length - unreached.length} faults, ${violations} violations`);
}
