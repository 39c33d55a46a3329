// What the kernel may answer besides yes and no, put into its mouth by strace.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { temporaryDirectory } from "./support/temporary-directory.ts";

const probe = fileURLToPath(new URL("fixtures/fault-probe.ts", import.meta.url));
const directory = temporaryDirectory();
const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
if (!canTrace) console.warn("SKIPPED: fault injection needs strace, and leave to trace");

function probeUnder(fault: string, binding: string): unknown {
  const values = ["-f", "-qq", "-o", "/dev/null", "-e", `inject=flock:${fault}`];
  const { stdout, stderr } = spawnSync(
    "strace",
    [...values, process.execPath, "--disable-warning=ExperimentalWarning", probe, `${directory}/x.lock`],
    { env: { ...process.env, FLOCKWORK_FLOCK_BINDING: binding }, encoding: "utf8" },
  );
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.skipIf(!canTrace).each(["addon", "koffi", "fs-ext", "flock-command"])(
  "with faults, %s",
  (binding) => {
    const waited = binding === "addon" || binding === "flock-command";

    it("reports a filesystem without locks as ENOLCK", () => {
      const refusal = { code: "ERR_FLOCK_SYSTEM", osCode: "ENOLCK", errno: 37 };
      expect(probeUnder("error=ENOLCK", binding)).toEqual({
        tried: { ...refusal, operation: "lock" },
        released: { ...refusal, operation: "unlock" },
        attempted: { ...refusal, operation: "lock" },
        waited: waited ? { ...refusal, operation: "wait for the lock on" } : "cannot wait",
        checked: binding === "addon" ? { ...refusal, operation: "wait for the lock on" } : "cannot wait",
      });
    });

    it("tries again when a signal interrupts a call", () => {
      expect(probeUnder("error=EINTR:when=1..5+2", binding)).toEqual({
        tried: true,
        released: "released",
        attempted: 0,
        waited: waited ? true : "cannot wait",
        checked: binding === "addon" ? 0 : "cannot wait",
      });
    });
  },
);
