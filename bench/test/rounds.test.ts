import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import type { Watch } from "../src/measure/others.ts";
import { disturbance, interleave, orderOf, warmUp, watchRounds } from "../src/measure/rounds.ts";

/** Others have these shares, one round after the other. */
function scripted(shares: readonly number[], ticks = 100 * availableParallelism()): Watch {
  const rest = [...shares];
  return () => {
    const share = rest.shift() ?? 0;
    return () => ({ others: share * ticks, all: ticks });
  };
}

/** A contender that gives the number of its round. */
function counter(): () => Promise<number> {
  let round = 0;
  return async () => (round += 1);
}

const run = async (watch: Watch, rounds: number, spoils?: (figure: number) => boolean) =>
  await watchRounds({ watch, most: 2 }, () => interleave(rounds, { ours: counter() }, spoils));

describe("rounds", () => {
  test("let contenders take turns, and the first of one round is the last of the next", async () => {
    const calls: string[] = [];
    const call = (name: string) => async () => calls.push(name);
    const { a, b } = await interleave(3, { a: call("a"), b: call("b") });
    expect(calls.join("")).toBe("abbaab");
    expect({ a, b }).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
  });

  test.each([2, 3, 4, 5, 10])(
    "of %i begin with each in turn, and let each come after each other one as often",
    (count) => {
      const names = Array.from({ length: count }, (_, at) => String(at));
      const rounds = Array.from({ length: 2 * count }, (_, round) => orderOf(names, round));
      expect(rounds.map(([first]) => first)).toEqual([...names, ...names]);
      for (const order of rounds) expect(order.toSorted()).toEqual(names.toSorted());
      const pairs = rounds.flatMap((order) => order.slice(1).map((name, at) => `${order[at]} ${name}`));
      const times = new Map<string, number>();
      for (const pair of pairs) times.set(pair, (times.get(pair) ?? 0) + 1);
      expect(times.size).toBe(count * (count - 1));
      expect(new Set(times.values())).toEqual(new Set([2]));
    },
  );

  test("that others left alone are made as often as was asked for", async () => {
    const { result, disturbances } = await run(scripted([0.1, 0, 0.02]), 3);
    expect(result.ours).toEqual([1, 2, 3]);
    expect(disturbances).toEqual([{ othersShare: expect.closeTo(0.04), repeated: 0 }]);
  });

  test("that others disturbed are made again, and what is told is what the kept ones had", async () => {
    const { result } = await run(scripted([0.1, 0.5, 0, 0.3, 0.05]), 3);
    expect(result.ours).toEqual([1, 3, 5]);
    expect(result[disturbance]).toEqual({ othersShare: expect.closeTo(0.05), repeated: 2 });
  });

  test("are made again as often as they were asked for and no more; then the least disturbed are kept", async () => {
    const { result } = await run(scripted([0.9, 0.4, 0.3, 0.8, 0.2, 0.7]), 3);
    expect(result.ours).toEqual([2, 3, 5]);
    expect(result[disturbance]).toEqual({ othersShare: expect.closeTo(0.3), repeated: 3 });
  });

  test("that lost something are kept beside them, however disturbed they were", async () => {
    const { result } = await run(scripted([0.9, 0, 0]), 2, (figure) => figure === 1);
    expect(result.ours).toEqual([1, 2, 3]);
    expect(result[disturbance]).toEqual({ othersShare: expect.closeTo(0.3), repeated: 1 });
  });

  test("that are too short to tell are not made again, and count together", async () => {
    const { result } = await run(scripted([0.5, 0.1], availableParallelism()), 2);
    expect(result.ours).toEqual([1, 2]);
    expect(result[disturbance]).toEqual({ othersShare: expect.closeTo(0.3), repeated: 0 });
  });

  test("are not made again where nothing can be told, where nobody watches, and where none may be", async () => {
    const blind = await run(() => () => undefined, 2);
    expect(blind.result).toEqual({ ours: [1, 2], [disturbance]: { othersShare: null, repeated: 0 } });
    const alone = await interleave(2, { ours: counter() });
    expect(alone).toEqual(blind.result);
    const once = await watchRounds({ watch: scripted([0.9, 0.9]), most: 1 }, () =>
      interleave(2, { ours: counter() }),
    );
    expect(once.disturbances).toEqual([{ othersShare: expect.closeTo(0.9), repeated: 0 }]);
  });

  test("tell of each comparison apart, and nothing of those that only warm up", async () => {
    const { disturbances } = await watchRounds({ watch: scripted([0.1, 0.02]), most: 2 }, async () => {
      const contenders = { ours: counter() };
      await warmUp(3, contenders);
      await interleave(1, contenders);
      await interleave(1, contenders);
    });
    expect(disturbances.map(({ othersShare }) => othersShare)).toEqual(
      [0.1, 0.02].map((share) => expect.closeTo(share)),
    );
  });
});
