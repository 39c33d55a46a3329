import { fileURLToPath } from "node:url";
import type { LockOptions } from "../lock/lock-options.ts";
import { checkDurability, type Durability } from "../options.ts";

/** What `node:fs` takes for a path, except a descriptor: a lock belongs to a name. */
export type PathLike = string | Buffer | URL;

/** What our calls know beyond `node:fs`. */
export interface LockedFileOptions extends Pick<
  LockOptions,
  "layout" | "backend" | "timeoutMs" | "signal" | "priority"
> {
  /** Default `"disk"`: the call ends once the change survives a power loss. */
  readonly durability?: Durability | undefined;
}

export interface ReadFileOptions {
  readonly encoding?: BufferEncoding | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WriteFileOptions extends LockedFileOptions {
  readonly encoding?: BufferEncoding | null | undefined;
  /** Permission bits of a file that is made, as a number or in octal digits; an existing one keeps its own. Default 0o666 less the umask. */
  readonly mode?: number | string | null | undefined;
  /** `"w"` replaces or makes the file (default), `"wx"` makes it and fails with `EEXIST` where it exists, `"a"` appends. */
  readonly flag?: "w" | "wx" | "a" | undefined;
}

/** @throws {TypeError} a descriptor, or no path at all. */
export function pathOf(path: PathLike): string {
  if (typeof path === "string") return path;
  if (path instanceof URL) return fileURLToPath(path);
  if (Buffer.isBuffer(path)) {
    const text = path.toString();
    if (Buffer.from(text).equals(path)) return text;
    throw new TypeError("path must be UTF-8: another file would be written under the nearest name that is");
  }
  throw new TypeError(
    `path must be a string, Buffer or file URL, got ${typeof path}: a lock belongs to a name, not to a descriptor`,
  );
}

/** @throws {TypeError | RangeError} what `node:fs` would not take for a mode either. */
export function modeOf(mode: unknown): number | undefined {
  if (mode === undefined || mode === null) return undefined;
  if (typeof mode === "string" && /^[0-7]{1,6}$/.test(mode)) return Number.parseInt(mode, 8);
  if (typeof mode !== "number")
    throw new TypeError(`mode must be a number or octal digits, got ${JSON.stringify(mode)}`);
  if (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode;
  throw new RangeError(`mode must be from 0 to 0o7777, got ${mode}`);
}

export function objectOf<O extends { readonly encoding?: BufferEncoding | null | undefined }>(
  options: O | BufferEncoding | null | undefined,
): Partial<O> {
  if (options === null || options === undefined) return {};
  if (typeof options === "string") return { encoding: options } as Partial<O>;
  return options;
}

/** @throws {TypeError} data that `node:fs` would not write either. */
export function bytesOf(
  data: string | NodeJS.ArrayBufferView,
  encoding: BufferEncoding | null | undefined,
): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, encoding ?? "utf8");
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new TypeError(`data must be a string, Buffer, TypedArray or DataView, got ${typeof data}`);
}

/** The options of a lock, and the durability, out of those of a call. */
export function settingsOf(options: LockedFileOptions): {
  readonly lock: LockOptions;
  readonly durability: Durability;
} {
  const { layout, backend, timeoutMs, signal, priority, durability } = options;
  return {
    lock: { layout, backend, timeoutMs, signal, priority },
    durability: checkDurability(durability ?? "disk"),
  };
}
