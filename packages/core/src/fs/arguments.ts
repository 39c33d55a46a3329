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
  /** Permission bits of a file that is made; an existing one keeps its own. Default 0o666 less the umask. */
  readonly mode?: number | undefined;
  /** `"w"` replaces or makes the file (default), `"wx"` makes it and fails with `EEXIST` where it exists, `"a"` appends. */
  readonly flag?: "w" | "wx" | "a" | undefined;
}

/** @throws {TypeError} a descriptor, or no path at all. */
export function pathOf(path: PathLike): string {
  if (typeof path === "string") return path;
  if (path instanceof URL) return fileURLToPath(path);
  if (Buffer.isBuffer(path)) return path.toString();
  throw new TypeError(
    `path must be a string, Buffer or file URL, got ${typeof path}: a lock belongs to a name, not to a descriptor`,
  );
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
