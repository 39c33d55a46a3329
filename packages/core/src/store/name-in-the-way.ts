import { UnsafePathError } from "../errors.ts";

/** `a` is a document or a log: nothing can be called `a/b`. Alike in every store, though only some have directories. */
export function fileInTheWay(name: string, file: string): UnsafePathError {
  return new UnsafePathError(
    name,
    `${file} is a document or a log, or another file, and not a directory. Use another name, or remove it first.`,
  );
}

/** Checks that the members of one commit can be there together. @throws {UnsafePathError} one would be a directory of another. */
export function refuseNested(members: readonly { readonly name: string }[]): void {
  const names = new Set(members.map(({ name }) => name));
  for (const name of names)
    for (let at = name.lastIndexOf("/"); at > 0; at = name.lastIndexOf("/", at - 1))
      if (names.has(name.slice(0, at))) throw fileInTheWay(name, name.slice(0, at));
}

/** Something is called `a/b`, or was: nothing can be called `a`. */
export function directoryInTheWay(name: string): UnsafePathError {
  return new UnsafePathError(
    name,
    "it is a directory: other names of the store lie below it. Use another name.",
  );
}
