import { readWholeFile, readWholeFileSync } from "../platform/plain-files.ts";
import { objectOf, pathOf, type PathLike, type ReadFileOptions } from "./arguments.ts";

/**
 * As `readFile` of `node:fs/promises`. Takes no lock: what the calls of this module write appears in one step, so a reader sees the
 * old content or the new.
 */
export function readFile(
  path: PathLike,
  options: BufferEncoding | (ReadFileOptions & { readonly encoding: BufferEncoding }),
): Promise<string>;
export function readFile(
  path: PathLike,
  options?: (ReadFileOptions & { readonly encoding?: null | undefined }) | null,
): Promise<Buffer>;
export async function readFile(
  path: PathLike,
  options?: ReadFileOptions | BufferEncoding | null,
): Promise<string | Buffer> {
  const { encoding, signal } = objectOf<ReadFileOptions>(options);
  const bytes = await readWholeFile(pathOf(path), signal);
  return encoding === null || encoding === undefined ? bytes : bytes.toString(encoding);
}

/** The synchronous twin of {@link readFile}. */
export function readFileSync(
  path: PathLike,
  options: BufferEncoding | (ReadFileOptions & { readonly encoding: BufferEncoding }),
): string;
export function readFileSync(
  path: PathLike,
  options?: (ReadFileOptions & { readonly encoding?: null | undefined }) | null,
): Buffer;
export function readFileSync(
  path: PathLike,
  options?: ReadFileOptions | BufferEncoding | null,
): string | Buffer {
  const { encoding } = objectOf<ReadFileOptions>(options);
  const bytes = readWholeFileSync(pathOf(path));
  return encoding === null || encoding === undefined ? bytes : bytes.toString(encoding);
}
