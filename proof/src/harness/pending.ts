import type { Receipt } from "../../../packages/core/src/index.ts";
export function updateJson<T>(
  _path: string,
  _fn: (draft: T) => T | void,
  _options?: object,
): Promise<Receipt & { value: T }> {
  return Promise.reject(new Error("pending"));
}
