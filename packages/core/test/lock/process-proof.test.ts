import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { identifyProcess, isProcessIdentity, judgeProcess } from "../../src/platform/process-proof.ts";

const onLinux = process.platform === "linux";

describe("judgeProcess", () => {
  it("finds this process, and one that is paused, running", async () => {
    expect(judgeProcess(identifyProcess())).toBe("running");
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const identity = identifyProcess(child.pid ?? -1);
    child.kill("SIGSTOP");
    expect(judgeProcess(identity)).toBe("running");
    child.kill("SIGKILL");
    await once(child, "close");
    expect(judgeProcess(identity)).toBe("process-gone");
  });

  it("survives a trip through JSON", () => {
    const identity = identifyProcess();
    expect(JSON.parse(JSON.stringify(identity))).toEqual(identity);
  });

  it("is asked only of what names a process", () => {
    expect(isProcessIdentity(JSON.parse(JSON.stringify(identifyProcess())))).toBe(true);
    expect(isProcessIdentity({ pid: 1, host: "somewhere" })).toBe(true);
    for (const none of [
      null,
      undefined,
      1,
      "1",
      [],
      {},
      { pid: 1 },
      { pid: "1", host: "h" },
      { pid: -1, host: "h" },
      { pid: 1.5, host: "h" },
    ])
      expect(isProcessIdentity(none), JSON.stringify(none)).toBe(false);
    expect(isProcessIdentity({ pid: 1, host: "h", startTicks: 7 })).toBe(false);
  });

  it("does not take a pid that exists again for the process that had it", () => {
    const { status, pid } = spawnSync("true");
    expect(status).toBe(0);
    const old = { ...identifyProcess(), pid };
    expect(judgeProcess(old)).toBe("process-gone");
    const reused = { ...identifyProcess(), startTicks: "1" };
    expect(judgeProcess(reused)).toBe(onLinux ? "process-replaced" : "running");
  });

  it("proves death by another boot of this host, and claims nothing of other hosts and namespaces", () => {
    const self = identifyProcess();
    if (onLinux) expect(judgeProcess({ ...self, bootId: "another" })).toBe("boot-changed");
    expect(judgeProcess({ ...self, host: "elsewhere.example", bootId: "another" })).toBe("elsewhere");
    if (onLinux) expect(judgeProcess({ ...self, pidNamespace: "pid:[1]" })).toBe("elsewhere");
  });

  it("knows no more than it was told: a bare pid that exists is running", () => {
    const { pid, host } = identifyProcess();
    expect(judgeProcess({ pid, host })).toBe("running");
  });
});
