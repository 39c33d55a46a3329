import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { acquireLock, inspectLock } from "@flockwork/core";
import { runCli, startCli, useDirectory } from "./run-cli.ts";

const at = useDirectory();

describe("flockwork exec", () => {
  it("P1: runs commands one after the other, so that shell scripts lose nothing", async () => {
    writeFileSync(at("n"), "0");
    const script = 'read -r n < "$0"; echo $((n + 1)) > "$0"';
    const runs = Array.from({ length: 12 }, () => runCli("exec", at("n"), "--", "sh", "-c", script, at("n")));
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual(runs.map(() => 0));
    expect(readFileSync(at("n"), "utf8")).toBe("12\n");
  });

  it.each([
    [["sh", "-c", "exit 7"], 7],
    [["sh", "-c", "kill -TERM $$"], 143],
    [["no-such-program"], 127],
    [["/dev/null"], 126],
  ])("%j ends with %d, as in a shell", async (command, code) => {
    expect((await runCli("exec", at("f"), "--", ...command)).code).toBe(code);
    expect(inspectLock(at("f")).held).toBe(false);
  });

  it("does not run the command, and says who holds it, when the lock is not had in time", async () => {
    const lock = await acquireLock(at("f"), "exclusive");
    const ran = await runCli("exec", "-n", at("f"), "--", "touch", at("made"));
    const other = await runCli("exec", "-t", "0.01", "-E", "75", at("f"), "--", "touch", at("made"));
    await lock.release();
    expect(ran).toMatchObject({ code: 1, out: "" });
    expect(ran.err).toContain(`process ${process.pid}`);
    expect(other.code).toBe(75);
    expect(existsSync(at("made"))).toBe(false);
  });

  it("lets readers run side by side", async () => {
    const lock = await acquireLock(at("f"), "shared");
    expect((await runCli("exec", "-n", "--shared", at("f"), "--", "true")).code).toBe(0);
    expect((await runCli("exec", "-n", at("f"), "--", "true")).code).toBe(1);
    await lock.release();
  });

  it("passes signals on and keeps the lock until the command has ended", async () => {
    const script = 'trap "exit 9" TERM; echo started; while :; do sleep 0.01; done';
    const { child, ended } = startCli(["exec", at("f"), "--", "sh", "-c", script]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    expect(inspectLock(at("f")).held).toBe(true);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(9);
    expect(inspectLock(at("f")).held).toBe(false);
  });
});

describe("flockwork inspect, ls, clean and pin", () => {
  it("say who holds a lock, in words and in JSON", async () => {
    const lock = await acquireLock(at("f"), "exclusive");
    const words = await runCli("inspect", at("f"));
    const json = await runCli("inspect", "--json", at("f"));
    const quiet = await runCli("inspect", "-q", at("f"));
    await lock.release();
    expect(words.out).toMatch(
      new RegExp(`held \\(exclusive\\)[^]*process ${process.pid} \\(.+\\), exclusive, started .+ ago`),
    );
    expect(JSON.parse(json.out)).toMatchObject({ held: true, holders: [{ pid: process.pid }] });
    expect([quiet.code, quiet.out]).toEqual([0, ""]);
    expect((await runCli("inspect", "-q", at("f"))).code).toBe(1);
  });

  it("list the locks of a directory and remove those nobody holds", async () => {
    const lock = await acquireLock(at("held"), "exclusive");
    await (await acquireLock(at("free"), "exclusive")).release();
    const listed = JSON.parse((await runCli("ls", "--json", at())).out) as {
      lockPath: string;
      held: boolean;
    }[];
    expect(listed.map(({ held }) => `${held}`).toSorted()).toEqual(["false", "true"]);
    const cleaned = JSON.parse((await runCli("clean", "--json", at())).out) as {
      removed: string[];
      kept: string[];
    };
    await lock.release();
    expect([cleaned.removed.length, cleaned.kept.length]).toEqual([1, 1]);
    expect(existsSync(at("held.lock"))).toBe(true);
  });

  it("pin a lock directory and undo it", async () => {
    mkdirSync(at("d"));
    expect((await runCli("pin", at("d"), "issues.jsonl")).code).toBe(0);
    expect(existsSync(at("d/.gastown/locks/issues.jsonl.lock"))).toBe(true);
    expect((await runCli("pin", "--undo", at("d"))).code).toBe(0);
    expect((await runCli("pin", at("d"))).code).toBe(2);
  });

  it("show control characters instead of obeying them", async () => {
    const name = at("a\u001b[31mred");
    await (await acquireLock(name, "exclusive")).release();
    const { out } = await runCli("ls", at());
    expect(out).toContain("\\x1b[31mred");
    expect(out).not.toContain("\u001b");
  });
});

describe("the command line", () => {
  it.each([
    [["no-such-command"], "there is no command"],
    [["exec"], "FILE"],
    [["inspect", "a", "b"], "one FILE"],
    [["ls", "--nonsense"], "--nonsense"],
    [["inspect", "-l", "none", "f"], "--layout"],
    [["exec", "-t", "soon", "f", "--", "true"], "--timeout"],
  ])("%j is refused with what is wrong, and exit code 2", async (args, text) => {
    const { code, out, err } = await runCli(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(text);
  });

  it("has help for every command, and completions that shells accept", async () => {
    const { out } = await runCli("--help");
    for (const name of ["exec", "ls", "inspect", "json-edit", "append", "clean", "pin", "doctor"]) {
      expect(out).toContain(`\n  ${name} `);
      expect((await runCli(name, "--help")).out).toContain(`usage: flockwork ${name}`);
    }
    const { out: script } = await runCli("completions", "bash");
    const asked = [
      "COMP_WORDS=(flockwork ex); COMP_CWORD=1",
      "COMP_WORDS=(flockwork tasks cl); COMP_CWORD=2",
      "COMP_WORDS=(flockwork time report --f); COMP_CWORD=3",
      "COMP_WORDS=(flockwork completions z); COMP_CWORD=2",
    ];
    const probe = `${script}\n${asked.map((words) => `${words}; _flockwork; echo "\${COMPREPLY[*]}"`).join("\n")}`;
    writeFileSync(at("completions"), probe);
    const { ended } = startCli(["exec", at("f"), "--", "bash", at("completions")]);
    expect((await ended).out.trim().split("\n")).toEqual(["exec", "claim", "--from", "zsh"]);
  });
});
