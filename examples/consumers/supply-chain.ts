/** What those who install are owed beside code that works: licences, nothing in a tarball that is not for them, a bill of materials. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "./run.ts";

const licences = new Set(["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"]);

/** Packages of a project, ours and those that come with them, whose licence is not one of the permissive ones above. */
export function judgeLicences(project: string): string[] {
  return globSync("node_modules/**/package.json", { cwd: project }).flatMap((manifest) => {
    const { name, version, license } = JSON.parse(readFileSync(join(project, manifest), "utf8")) as {
      readonly name?: string;
      readonly version?: string;
      readonly license?: unknown;
    };
    if (name === undefined || version === undefined) return []; // says which modules are ESM, no more
    if (typeof license === "string" && licences.has(license)) return [];
    return [
      `${name}@${version} has the licence ${JSON.stringify(license)}: none of ${[...licences].join(", ")}`,
    ];
  });
}

const forAll = /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts)$/;
const alsoIn: Readonly<Record<string, RegExp>> = {
  flock: /^(native\/[\w-]+\.[ch]|prebuilds\/SHA256SUMS|prebuilds\/[\w-]+\/node\.napi[\w.]*\.node)$/,
};

/** What lies in the tarballs and should not, or the other way round. */
export function judgeContents(tarballs: readonly string[]): string[] {
  return tarballs.flatMap((tarball) => {
    const name = /^flockwork-(.+)-\d+\.\d+\.\d+/.exec(basename(tarball))?.[1] ?? "";
    const paths = run("tar", ["-tzf", tarball], ".").split("\n").filter(Boolean);
    return judgeListing(
      name,
      paths.map((path) => path.replace(/^package\//, "")),
    );
  });
}

/** @param paths - Below the package. */
export function judgeListing(name: string, paths: readonly string[]): string[] {
  const has = new Set(paths);
  const needless = paths.filter((path) => !forAll.test(path) && alsoIn[name]?.test(path) !== true);
  const leftOver = paths.filter((path) => {
    const module = /^dist\/(?!chunks\/)(.+?)\.(?:js|d\.ts)$/.exec(path)?.[1]; // a chunk is made of several
    return module !== undefined && !has.has(`src/${module}.ts`);
  });
  const missing = ["package.json", "README.md", "LICENSE"].filter((path) => !has.has(path));
  return [
    ...needless.map((path) => `${name}: ${path} is published and is not for those who install it`),
    ...leftOver.map((path) => `${name}: ${path} has no source: it is left over from another build`),
    ...missing.map((path) => `${name}: ${path} is missing`),
  ];
}

/** Has npm check that the registry signed what it handed out for the project. */
export function checkSignatures(project: string): string {
  return run("npm", ["audit", "signatures"], project);
}

interface Component {
  name?: string;
  readonly externalReferences?: readonly { readonly url: string }[];
}

/** Writes a bill of materials in CycloneDX's format: all packages of a project, with versions, licences and hashes. */
export function writeBillOfMaterials(project: string, file: string): void {
  const said = run("npm", ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library"], project);
  const bill = JSON.parse(said) as {
    readonly metadata: { readonly component: Component };
    readonly components: readonly Component[];
  };
  bill.metadata.component.name = "flockwork";
  // Where the tarballs lay on this machine tells nobody anything.
  const clean = (key: string, value: unknown): unknown =>
    key === "externalReferences" && Array.isArray(value)
      ? (value as readonly { readonly url: string }[]).filter(({ url }) => !url.startsWith("file:"))
      : value;
  writeFileSync(file, `${JSON.stringify(bill, clean, 2)}\n`);
}
