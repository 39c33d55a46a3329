import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, expectTypeOf, it } from "vitest";

import { bindingInUse, type FlockBinding, FlockUnavailableError, loadBinding } from "../src/index.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));
const directory = temporaryDirectory();

/** Runs a module in a fresh Node, in a directory where the package stands without its optional neighbours. */
function run(program: string, { binding = "", bare = false } = {}) {
  const cwd = bare ? bareInstallation() : packageDirectory;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", program],
    {
      cwd,
      env: { PATH: bare ? "" : process.env["PATH"], FLOCKWORK_FLOCK_BINDING: binding },
      encoding: "utf8",
    },
  );
  return { status, stdout: stdout.trim(), stderr };
}

/** The sources and node-gyp-build, but no prebuilt addon, no koffi and no fs-ext. */
function bareInstallation(): string {
  const bare = join(directory, "bare");
  mkdirSync(join(bare, "node_modules"), { recursive: true });
  cpSync(join(packageDirectory, "src"), join(bare, "src"), { recursive: true });
  cpSync(join(packageDirectory, "package.json"), join(bare, "package.json"));
  const dependency = join(bare, "node_modules", "node-gyp-build");
  cpSync(join(packageDirectory, "node_modules", "node-gyp-build"), dependency, {
    recursive: true,
    dereference: true,
  });
  return bare;
}

describe("loadBinding", () => {
  it("takes the addon first, and the same one every time", () => {
    const binding = loadBinding({ binding: "addon" });
    expect(loadBinding({ binding: "addon" })).toBe(binding);
    expect(bindingInUse()).toBe("addon");
    expectTypeOf(binding).toEqualTypeOf<FlockBinding>();
    const program = `import { bindingInUse, loadBinding } from "./src/index.ts";
      console.log(bindingInUse(), loadBinding().name, bindingInUse());`;
    expect(run(program).stdout).toBe("undefined addon addon");
  });

  it.each(["addon", "koffi", "fs-ext", "flock-command"] as const)(
    "is forced to %s by the environment",
    (name) => {
      const program = `import { loadBinding } from "./src/index.ts"; console.log(loadBinding().name);`;
      expect(run(program, { binding: name }).stdout).toBe(name);
    },
  );

  it("prefers the option to the environment", () => {
    const program = `import { loadBinding } from "./src/index.ts";
      console.log(loadBinding({ binding: "koffi" }).name);`;
    expect(run(program, { binding: "addon" }).stdout).toBe("koffi");
  });

  it("names the option or the variable that names no binding", () => {
    const program = `import { loadBinding } from "./src/index.ts"; loadBinding();`;
    expect(run(program, { binding: "lockfile" }).stderr).toContain(
      'RangeError: FLOCKWORK_FLOCK_BINDING is "lockfile", but must be one of addon, koffi, fs-ext, flock-command',
    );
    expect(() => loadBinding({ binding: "lockfile" as "koffi" })).toThrow(RangeError);
  });

  it("says what was tried and what to install where nothing works", () => {
    const program = `import { loadBinding } from "./src/index.ts";
      try { loadBinding(); } catch (error) { console.log(JSON.stringify({ ...error, text: String(error) })); }`;
    const failure = JSON.parse(run(program, { bare: true }).stdout) as Record<string, unknown>;
    expect(failure).toMatchObject({ code: "ERR_FLOCK_UNAVAILABLE" });
    expect((failure["tried"] as { binding: string }[]).map(({ binding }) => binding)).toEqual([
      "addon",
      "koffi",
      "fs-ext",
      "flock-command",
    ]);
    expect(failure["text"]).toMatch(/^FlockUnavailableError: .*To fix it: npm install koffi/);
  });

  it("does not advise to install anything on Windows", () => {
    const program = `Object.defineProperty(process, "platform", { value: "win32" });
      const { loadBinding } = await import("./src/index.ts"); loadBinding();`;
    expect(run(program, { bare: true }).stderr).toContain("To fix it: run it in WSL or a container");
  });

  it("names the fix of the binding that was forced", () => {
    const program = `import { loadBinding } from "./src/index.ts"; loadBinding();`;
    expect(run(program, { bare: true, binding: "flock-command" }).stderr).toContain(
      "apt-get install util-linux",
    );
    expect(new FlockUnavailableError([], "npm install koffi").message).toContain("npm install koffi");
  });

  it("loads nothing when it is imported", () => {
    const program = `import { readFileSync } from "node:fs"; import "./src/index.ts";
      console.log(/\\.node$/m.test(readFileSync("/proc/self/maps", "utf8")));`;
    if (process.platform === "linux") expect(run(program).stdout).toBe("false");
  });
});
