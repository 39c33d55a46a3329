// The platforms the addon is built for, and the compiler for each.
import { existsSync } from "node:fs";

/** One binary: where it goes in prebuilds/ and what compiles it. */
export interface Target {
  readonly platform: string;
  readonly arch: string;
  /** Tag in the file name; macOS has one C library and no tag. */
  readonly libc: "glibc" | "musl" | undefined;
  readonly compiler: string;
  readonly flags: readonly string[];
}

/** The machine this runs on. `CC` overrides the compiler. */
export function hostTarget(): Target {
  const { platform, arch } = process;
  const libc = platform === "linux" ? (existsSync("/etc/alpine-release") ? "musl" : "glibc") : undefined;
  const flags = platform === "darwin" ? ["-undefined", "dynamic_lookup"] : [];
  return { platform, arch, libc, compiler: process.env["CC"] ?? "cc", flags };
}

/** What else a Linux machine can build when the cross compilers are there. */
export function crossTargets(): readonly Target[] {
  if (process.platform !== "linux") return [];
  const host = hostTarget();
  const others: Target[] = [
    { ...host, libc: "musl", compiler: "musl-gcc" },
    { ...host, arch: "arm64", libc: "glibc", compiler: "aarch64-linux-gnu-gcc" },
    { ...host, arch: "arm64", libc: "musl", compiler: "aarch64-linux-musl-gcc" },
  ];
  return others.filter(({ arch, libc }) => arch !== host.arch || libc !== host.libc);
}

/** The name node-gyp-build looks for: any Node with Node-API, one C library. */
export function binaryName({ libc }: Target): string {
  return libc === undefined ? "node.napi.node" : `node.napi.${libc}.node`;
}
