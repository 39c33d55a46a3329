import { files } from "../platform/file-system.ts";
import { quarantine, type Quarantined } from "./quarantine.ts";

const newline = 0x0a;
const chunkBytes = 1 << 16;

/**
 * A line is committed by its newline and by nothing else. What follows the last newline was left by a writer that died or
 * never was one; it is torn even if it would parse, and a run of NULs is torn too. Only a holder of the exclusive lock
 * may judge so: to anyone else it may be a line that is being written.
 *
 * Moves a torn tail aside and cuts it off. Returns undefined, after reading one byte, when there is none.
 * Throws the system's error; the tail is then still in the file, or in the quarantine, or in both.
 */
export function moveTornTail(fd: number, path: string, size: number): Quarantined | undefined {
  if (endsInNewline(fd, size)) return undefined;
  const start = endOfLastLine(fd, size);
  const moved = quarantine(fd, path, "torn", [{ start, end: size }]);
  files.ftruncateSync(fd, start);
  files.fdatasyncSync(fd); // or a loss of power might put sectors of what comes next beside sectors of the tail
  return moved;
}

const lastByte = new Uint8Array(1);

function endsInNewline(fd: number, size: number): boolean {
  if (size === 0) return true;
  return files.readSync(fd, lastByte, 0, 1, size - 1) === 1 && lastByte[0] === newline;
}

/** The offset just after the last newline before `size`; 0 when there is none. */
export function endOfLastLine(fd: number, size: number): number {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size));
  let end = size;
  while (end > 0) {
    const length = Math.min(buffer.length, end);
    const read = files.readSync(fd, buffer, 0, length, end - length);
    const at = buffer.lastIndexOf(newline, read - 1);
    if (read > 0 && at !== -1 && at < read) return end - length + at + 1;
    end -= length;
  }
  return 0;
}
