/**
 * Program: makes one call of a domain package while one of its file calls fails, and says how it ended.
 * Arguments: operation, directory, the fault as JSON; `null` is none.
 */
import { domainOperation } from "../crash/domains/all-domains.ts";
import { isTyped } from "../hostile/refusal.ts";
import { attempt, isUncertain } from "./attempt.ts";
import type { RunApart } from "./domain-runs.ts";
import { withFault, type Fault } from "./fault-plan.ts";

const [name = "", directory = "", given = "null"] = process.argv.slice(2);
const fault = JSON.parse(given) as Fault | null;
const operation = await domainOperation(name);

async function run(): Promise<void> {
  await operation.run(directory, 1);
}

async function told(): Promise<RunApart> {
  if (fault === null) return { counts: [...(await withFault(undefined, run))], isReached: true };
  const { isReached, failure } = await attempt(fault, run);
  if (failure === undefined) return { counts: [], isReached };
  const error = worstOf(failure.error);
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return { counts: [], isReached, failure: { message: String(error), code, retryable } };
}

/** Where the call failed and then the end of what it had begun, JavaScript keeps both in one. */
function worstOf(error: unknown): unknown {
  if (!(error instanceof SuppressedError)) return error;
  const both = [error.suppressed, error.error].map(worstOf);
  return both.find((each) => !isTyped(each)) ?? both.find((each) => isUncertain({ error: each })) ?? both[0];
}

console.log(JSON.stringify(await told()));
