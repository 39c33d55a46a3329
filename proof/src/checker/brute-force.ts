import { apply, initialValue, type History, type Operation } from "./history.ts";

/** The definition itself, by trying every order. For histories of one register and up to eight operations. */
export function isLinearizableByDefinition(history: History): boolean {
  return extend(initialValue, [...history]);
}

function extend(value: string, left: readonly Operation[]): boolean {
  if (left.every(({ endedAt }) => endedAt === Infinity)) return true;
  const firstEnd = Math.min(...left.map(({ endedAt }) => endedAt));
  return left.some((operation, at) => {
    if (operation.begunAt > firstEnd) return false;
    const next = apply(value, operation);
    return next !== undefined && extend(next, left.toSpliced(at, 1));
  });
}
