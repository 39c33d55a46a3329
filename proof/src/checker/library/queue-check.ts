/**
 * A queue of unique values with claims: nothing from nowhere, nothing lost, nothing completed twice, no claim while another
 * one lasts, and no word from a claim that another has followed. Unique values make it linear, but for sorting.
 *
 * End the history with a `drain`: everything that is still in the queue, claimed or not.
 */
import type { Finding } from "./finding.ts";
import { checkHistory, type History, type Operation } from "./history.ts";

export type QueueInput =
  | { readonly kind: "enqueue"; readonly value: string }
  | { readonly kind: "claim" }
  /** Done for good (`complete`), given up on (`bury`), or back for the next (`release`), with the token of a claim. */
  | { readonly kind: "complete" | "bury" | "release"; readonly value: string; readonly token: bigint }
  | { readonly kind: "drain" };

export type QueueOutput =
  /** Of all but claim and drain: whether it was accepted. False: the token was stale, or the value was not taken. */
  | { readonly kind: "accepted"; readonly accepted: boolean }
  /** `until`: the instant, on the history's clock, before which nobody else may have it. Value undefined: nothing to do. */
  | { readonly kind: "claimed"; readonly value?: string; readonly token?: bigint; readonly until?: number }
  | { readonly kind: "drained"; readonly values: readonly string[] };

export type QueueHistory = History<QueueInput, QueueOutput>;

type QueueOperation = Operation<QueueInput, QueueOutput> & { readonly at: number };

/** What happened to one value. */
interface Life {
  readonly enqueued: QueueOperation[];
  readonly claims: { readonly by: QueueOperation; readonly token: bigint; readonly until: number }[];
  readonly settled: QueueOperation[];
  readonly drained: QueueOperation[];
}

/** Everything that is wrong with what was seen of a queue. */
export function checkQueue(history: QueueHistory): readonly Finding[] {
  checkHistory(history);
  const lives = new Map<string, Life>();
  const lifeOf = (value: string): Life => {
    const life = lives.get(value) ?? { enqueued: [], claims: [], settled: [], drained: [] };
    lives.set(value, life);
    return life;
  };
  let drain: QueueOperation | undefined;
  history.forEach((plain, at) => {
    const operation = { ...plain, at };
    const { input, output } = operation;
    if (input.kind === "enqueue") {
      if (!isRefused(operation)) lifeOf(input.value).enqueued.push(operation);
    } else if (input.kind === "claim") {
      if (output?.kind !== "claimed" || output.value === undefined) return;
      const { value, token = 0n, until = -Infinity } = output;
      lifeOf(value).claims.push({ by: operation, token, until });
    } else if (input.kind === "drain") {
      if (output?.kind !== "drained") return;
      drain = operation;
      for (const value of output.values) lifeOf(value).drained.push(operation);
    } else lifeOf(input.value).settled.push(operation);
  });
  return [...lives].flatMap(([value, life]) => [
    ...origins(value, life),
    ...overlaps(value, life),
    ...stale(value, life),
    ...usedUp(value, life),
    ...refused(value, life),
    ...ends(value, life, drain),
  ]);
}

function origins(value: string, { enqueued, claims, drained }: Life): Finding[] {
  const seen = [...claims.map(({ by }) => by), ...drained];
  const first = enqueued[0];
  if (first === undefined) {
    return seen.slice(0, 1).map(({ at }) => finding("phantom", `nobody enqueued ${value}`, [at]));
  }
  const findings = seen
    .filter(({ endedAt }) => endedAt < first.begunAt)
    .map(({ at }) => finding("claim from the future", `${value} was there before it was enqueued`, [at]));
  if (drained.length > 1)
    findings.push(finding("duplicate", `${value} is in the queue twice`, [drained[0]?.at ?? 0]));
  return findings;
}

/** Tokens grow from claim to claim, and none begins and ends while an earlier one lasts. */
function overlaps(value: string, { claims, settled }: Life): Finding[] {
  const findings: Finding[] = [];
  const inTurn = claims.toSorted((one, other) => (one.token < other.token ? -1 : 1));
  inTurn.forEach(({ by, token }, index) => {
    const before = inTurn[index - 1];
    if (before === undefined) return;
    const operations = [before.by.at, by.at];
    if (before.token === token)
      findings.push(finding("token repeats", `${value}, token ${token}`, operations));
    if (by.endedAt < before.by.begunAt) {
      const text = `${value} was claimed with ${token}, and later with ${before.token}`;
      findings.push(finding("token falls", text, operations));
    }
    const wasGivenBack = settled.some(({ input, output, begunAt }) => {
      const refused = output?.kind === "accepted" && !output.accepted;
      return "token" in input && input.token === before.token && !refused && begunAt <= by.endedAt;
    });
    if (by.endedAt < before.until && !wasGivenBack) {
      const text = `${value} was claimed with ${token} while the claim ${before.token} lasted`;
      findings.push(finding("two holders", text, operations));
    }
  });
  return findings;
}

/** Nothing is accepted from a claim after a later one was granted, or from no claim at all. */
function stale(value: string, { claims, settled }: Life): Finding[] {
  return settled.filter(isAccepted).flatMap(({ input, begunAt, at }) => {
    const token = "token" in input ? input.token : 0n;
    const later = claims.find((claim) => claim.token > token && claim.by.endedAt < begunAt);
    if (later !== undefined) {
      const text = `${input.kind} of ${value} with ${token} was accepted after ${later.token} had been granted`;
      return [finding("stale claim accepted", text, [later.by.at, at])];
    }
    const known = claims.some((claim) => claim.token === token);
    return known ? [] : [finding("unknown claim accepted", `${value}, token ${token}`, [at])];
  });
}

/** A claim is settled once: a release is not followed by anything, nor anything by a release. Finishing twice is told by `ends`. */
function usedUp(value: string, { settled }: Life): Finding[] {
  const first = new Map<bigint, QueueOperation>();
  return settled.filter(isAccepted).flatMap((operation) => {
    const token = "token" in operation.input ? operation.input.token : 0n;
    const before = first.get(token);
    if (before === undefined) {
      first.set(token, operation);
      return [];
    }
    if (before.input.kind !== "release" && operation.input.kind !== "release") return [];
    const text = `the claim ${token} of ${value} was settled twice: ${before.input.kind}, ${operation.input.kind}`;
    return [finding("claim used twice", text, [before.at, operation.at])];
  });
}

/** Whoever has a claim that lasts, and has not settled it, is not refused. */
function refused(value: string, { claims, settled }: Life): Finding[] {
  return settled.filter(isRefused).flatMap(({ input, begunAt, endedAt, at }) => {
    const token = "token" in input ? input.token : 0n;
    const claim = claims.find((granted) => granted.token === token);
    if (claim === undefined || claim.by.endedAt >= begunAt || claim.until <= endedAt) return [];
    const mayBeOver =
      claims.some((other) => other.token > token && other.by.begunAt <= endedAt) ||
      settled.some(
        (other) =>
          other.at !== at &&
          "token" in other.input &&
          other.input.token === token &&
          !isRefused(other) &&
          other.begunAt <= endedAt,
      );
    if (mayBeOver) return [];
    const text = `${input.kind} of ${value} with ${token} was refused while that claim lasted`;
    return [finding("current claim refused", text, [claim.by.at, at])];
  });
}

/** An acknowledged value is finished once, or still there; a finished one is neither there nor claimed again. */
function ends(
  value: string,
  { enqueued, claims, settled, drained }: Life,
  drain: QueueOperation | undefined,
): Finding[] {
  const findings: Finding[] = [];
  const finishing = settled.filter(({ input }) => input.kind === "complete" || input.kind === "bury");
  const [finished, again] = finishing.filter(isAccepted);
  if (finished !== undefined && again !== undefined) {
    findings.push(finding("finished twice", `${value} was finished twice`, [finished.at, again.at]));
  }
  if (finished !== undefined) {
    const revived = [...claims.map(({ by }) => by), ...drained].find(
      ({ begunAt }) => begunAt > finished.endedAt,
    );
    if (revived !== undefined) {
      findings.push(
        finding("risen again", `${value} was seen after it was finished`, [finished.at, revived.at]),
      );
    }
  }
  const acknowledged = enqueued.find(({ endedAt }) => endedAt < (drain?.begunAt ?? -Infinity));
  const mayBeGone = finishing.some(({ output }) => output === undefined) || finished !== undefined;
  if (acknowledged !== undefined && drained.length === 0 && !mayBeGone) {
    const text = `${value} was acknowledged, never finished, and is not in the queue`;
    findings.push(finding("lost", text, [acknowledged.at, drain?.at ?? 0]));
  }
  return findings;
}

function isAccepted({ output }: QueueOperation): boolean {
  return output?.kind === "accepted" && output.accepted;
}

function isRefused({ output }: QueueOperation): boolean {
  return output?.kind === "accepted" && !output.accepted;
}

function finding(rule: string, text: string, operations: readonly number[]): Finding {
  return { rule, text, operations };
}
