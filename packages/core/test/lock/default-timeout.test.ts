import { expect, it } from "vitest";
import { resolveLockOptions } from "../../src/lock/lock-options.ts";
import { environmentTimeoutMs } from "../../src/options.ts";

it("a call that names no timeout gives up after 30 seconds", () => {
  delete process.env["FLOCKWORK_LOCK_TIMEOUT_MS"]; // read once, at the first call
  expect(environmentTimeoutMs()).toBe(30_000);
  expect(resolveLockOptions(undefined).timeoutMs).toBe(undefined);
});
