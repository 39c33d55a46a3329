import type { Random } from "../harness/random.ts";
import { initialValue, type History, type Operation } from "./history.ts";

/** Makes up a linearizable history of one register: effects in an order, each spread into an interval around it. */
export function inventHistory(random: Random, length: number, clients: number): History {
  let value = initialValue;
  const freeAt = Array.from({ length: clients }, () => 0);
  const history: Operation[] = [];
  for (let at = 1; at <= length; at += 1) {
    const effectAt = at * 10;
    const client = random.between(0, clients - 1);
    if ((freeAt[client] ?? 0) > effectAt) continue;
    const kind = random.next() < 0.5 ? "read" : "update";
    const begunAt = Math.max(freeAt[client] ?? 0, effectAt - random.between(0, 40));
    const endedAt = effectAt + random.between(0, 40);
    freeAt[client] = endedAt + 1;
    const common = { key: "key", client: `client ${client}`, kind, begunAt } as const;
    const written = kind === "update" ? { wrote: `value ${at}` } : {};
    const silent = random.next() < 0.05;
    if (silent) {
      freeAt[client] = Infinity; // a client that got no answer is not heard of again
      const happened = random.next() < 0.5;
      history.push({ ...common, ...written, endedAt: Infinity, saw: undefined });
      if (happened) value = written.wrote ?? value;
      continue;
    }
    history.push({ ...common, ...written, endedAt, saw: value });
    value = written.wrote ?? value;
  }
  return history;
}

/** A history of one register with anything in it, right or wrong. */
export function inventNonsense(random: Random, length: number): History {
  const values = [initialValue, "1", "2", "3"];
  return Array.from({ length }, (_, at): Operation => {
    const begunAt = random.between(0, 30);
    const endedAt = random.next() < 0.15 ? Infinity : begunAt + random.between(0, 15);
    const kind = random.next() < 0.5 ? "read" : "update";
    const saw = endedAt === Infinity ? undefined : random.pick(values);
    const written = kind === "update" ? { wrote: random.pick(values) } : {};
    return { key: "key", client: `client ${at}`, kind, begunAt, endedAt, saw, ...written };
  });
}
