import { files } from "../platform/file-system.ts";

/** The largest single write asked of the system; Node refuses 2 GiB and more. */
const largestWriteBytes = 1 << 30;

/** Writes every byte at the current position, however short single writes fall. Throws the system's error. */
export function writeAllSync(fd: number, data: Uint8Array): void {
  let offset = 0;
  while (offset < data.length) {
    const length = Math.min(data.length - offset, largestWriteBytes);
    offset += accepted(files.writeSync(fd, data, offset, length, null), length);
  }
}

/** Like {@link writeAllSync}, without blocking the event loop: for large data. */
export async function writeAll(fd: number, data: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < data.length) {
    const length = Math.min(data.length - offset, largestWriteBytes);
    offset += accepted(await files.write(fd, data, offset, length, null), length);
  }
}

/** A write that accepts nothing would be repeated for ever. */
function accepted(written: number, asked: number): number {
  if (written > 0) return written;
  throw new Error(`the system accepted ${written} of ${asked} bytes`);
}
