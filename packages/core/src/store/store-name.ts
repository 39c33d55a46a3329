import { UnsafePathError } from "../errors.ts";

const longestSegmentBytes = 200;
const longestNameBytes = 1_000;
// What Windows, or a shell, takes for something else; control characters among them.
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001f\u007f<>:"|?*\\]/;
const devices = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
/**
 * What this library calls its own files: see `stagedName`, the marks of a `transact`, and the locks of files with an extension,
 * which whoever replaced or removed them would break. `agent.lock` may be a document; `MemberNames` sees to it that it is not the
 * lock of an `agent`.
 */
const ours = /^\..*\.(?:staged|intent)$|.\.[^.]+\.(?:lock|flock|gate)$/s;

/**
 * Checks a name of a store, where it enters: relative, `/` between its parts, no part that is empty, `.` or `..`, longer than
 * 200 bytes, ends in a dot or space, is a device of Windows, or holds control characters or any of `\ < > : " | ? *`. In NFC,
 * so that one name is one file on every system. A part may begin with a dot.
 *
 * @throws {TypeError} it is no string. @throws {UnsafePathError} `ERR_UNSAFE_PATH` with the rule it breaks.
 */
export function checkStoreName(name: unknown): string {
  if (typeof name !== "string") throw new TypeError(`name must be a string, got ${typeof name}`);
  const why = flawOf(name);
  if (why !== undefined)
    throw new UnsafePathError(JSON.stringify(name).slice(0, 200), `as a name of a store, ${why}.`);
  return name;
}

function flawOf(name: string): string | undefined {
  if (name === "") return "it must not be empty";
  if (Buffer.byteLength(name) > longestNameBytes) return `it must not exceed ${longestNameBytes} bytes`;
  if (!name.isWellFormed()) return "it must be well-formed Unicode";
  if (name.normalize("NFC") !== name) return "it must be in Unicode's normal form C";
  if (name.startsWith("/")) return "it must be relative";
  for (const segment of name.split("/")) {
    if (segment === "") return "it must have no empty part";
    if (segment === "." || segment === "..") return `it must have no part "${segment}"`;
    if (Buffer.byteLength(segment) > longestSegmentBytes)
      return `no part of it may exceed ${longestSegmentBytes} bytes`;
    if (forbidden.test(segment))
      return String.raw`it must hold no control characters and none of \ < > : " | ? *`;
    if (/[. ]$/.test(segment)) return "no part of it may end in a dot or a space";
    if (devices.test(segment)) return "no part of it may be the name of a device";
    if (isOurName(segment)) return "names like this are kept for locks and for what is staged";
  }
  return undefined;
}

/** Whether the last part of a name is kept for locks and for what is staged. */
export function isOurName(segment: string): boolean {
  return ours.test(segment);
}

/** What two names have in common that a file system may take for one. */
export function foldStoreName(name: string): string {
  return name.toLowerCase().normalize("NFC");
}
