import { type DiskEvent, type FileKind, root } from "./event.ts";

/** A change of what a file holds that may not have reached the disk. */
export type DataChange =
  | { readonly offset: number; readonly bytes: Buffer }
  | { readonly truncateTo: number };

/** A change of names that may not have reached the disk: it happens as a whole. Undefined: the name goes. */
export interface NameChange {
  readonly given?: { readonly name: string; readonly file: number };
  readonly gone?: string;
}

/** A file, link or directory: what a loss of power leaves of it for certain, and what it may leave besides, in order. */
export class DiskFile {
  readonly what: FileKind;
  readonly text: string;
  data: Buffer;
  names: Map<string, number> = new Map();
  dataChanges: DataChange[] = [];
  nameChanges: NameChange[] = [];

  constructor(what: FileKind, text = "", data: Buffer = Buffer.alloc(0)) {
    this.what = what;
    this.text = text;
    this.data = data;
  }

  copy(): DiskFile {
    const copy = new DiskFile(this.what, this.text, this.data);
    copy.names = new Map(this.names);
    copy.dataChanges = [...this.dataChanges];
    copy.nameChanges = [...this.nameChanges];
    return copy;
  }
}

/**
 * A disk below a page cache, as POSIX allows it to be: what was written reaches it when it is synced, and perhaps before. A
 * sync of a file covers its bytes and its size, not its name; a sync of a directory covers the names in it, not what they name.
 */
export class Disk {
  readonly files: Map<number, DiskFile>;
  /** Of each sync that is going on: how many changes it found. */
  readonly #syncs = new Map<number, { readonly of: number; readonly data: number; readonly names: number }>();

  constructor(files: Map<number, DiskFile> = new Map([[root, new DiskFile("directory")]])) {
    this.files = files;
  }

  copy(): Disk {
    return new Disk(new Map([...this.files].map(([id, file]) => [id, file.copy()])));
  }

  file(id: number): DiskFile {
    const file = this.files.get(id);
    if (file === undefined) throw new RangeError(`no file has the number ${id}`);
    return file;
  }

  apply(event: DiskEvent): void {
    switch (event.kind) {
      case "create":
        this.files.set(event.file, new DiskFile(event.what, event.text));
        return this.#name(event.directory, { given: { name: event.name, file: event.file } });
      case "write":
        return void this.file(event.file).dataChanges.push({ offset: event.offset, bytes: event.bytes });
      case "truncate":
        return void this.file(event.file).dataChanges.push({ truncateTo: event.size });
      case "rename": {
        const file = this.namesNow(event.directory).get(event.from);
        if (file === undefined) throw new RangeError(`nothing is called ${event.from}`);
        return this.#name(event.directory, { given: { name: event.to, file }, gone: event.from });
      }
      case "unlink":
        return this.#name(event.directory, { gone: event.name });
      case "sync": {
        const { dataChanges, nameChanges } = this.file(event.file);
        this.#syncs.set(event.sync, {
          of: event.file,
          data: dataChanges.length,
          names: nameChanges.length,
        });
        return;
      }
      case "synced":
        return this.#settle(event.file, event.sync);
      case "acknowledged":
        return;
    }
  }

  /** The names in a directory as processes see them. */
  namesNow(directory: number): Map<string, number> {
    const { names, nameChanges } = this.file(directory);
    return afterNames(names, nameChanges);
  }

  #name(directory: number, change: NameChange): void {
    this.file(directory).nameChanges.push(change);
  }

  /** What the sync found when it began is durable. */
  #settle(id: number, sync: number): void {
    const found = this.#syncs.get(sync);
    this.#syncs.delete(sync);
    if (found === undefined) return; // its beginning was left out: it covers nothing
    const file = this.file(id);
    file.data = afterData(file.data, file.dataChanges.splice(0, found.data));
    file.names = afterNames(file.names, file.nameChanges.splice(0, found.names));
    for (const [other, { of, data, names }] of this.#syncs) {
      if (of !== id) continue;
      const left = { of, data: Math.max(0, data - found.data), names: Math.max(0, names - found.names) };
      this.#syncs.set(other, left);
    }
  }
}

export function afterNames(
  names: ReadonlyMap<string, number>,
  changes: readonly NameChange[],
): Map<string, number> {
  const after = new Map(names);
  for (const { given, gone } of changes) {
    if (gone !== undefined) after.delete(gone);
    if (given !== undefined) after.set(given.name, given.file);
  }
  return after;
}

export function afterData(data: Buffer, changes: readonly DataChange[]): Buffer {
  let after = data;
  for (const change of changes) {
    const isCut = "truncateTo" in change;
    const size = isCut ? change.truncateTo : Math.max(after.length, change.offset + change.bytes.length);
    const next = Buffer.alloc(size);
    after.copy(next, 0, 0, size);
    if (!isCut) change.bytes.copy(next, change.offset);
    after = next;
  }
  return after;
}
