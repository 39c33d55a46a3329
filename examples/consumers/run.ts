import { spawnSync } from "node:child_process";

/** Runs a program, and returns what it said. @throws what it said, when it fails. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const { NODE_OPTIONS: _, npm_config_nodedir: __, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...env, ...more },
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new Error(
    `${program} ${args.join(" ")} ended with ${status}:\n${`${stdout}${stderr}`.slice(0, 4_000)}`,
  );
}
