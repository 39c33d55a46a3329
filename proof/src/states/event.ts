/** What a process did to a disk, in the order it happened. Files are known by number, names by directory and name. */
export type DiskEvent =
  | {
      readonly kind: "create";
      readonly directory: number;
      readonly name: string;
      readonly file: number;
      readonly what: FileKind;
      /** Where a symbolic link leads. It is there with its name. */
      readonly text?: string;
    }
  | { readonly kind: "write"; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: number; readonly size: number }
  | { readonly kind: "rename"; readonly directory: number; readonly from: string; readonly to: string }
  | { readonly kind: "unlink"; readonly directory: number; readonly name: string }
  | { readonly kind: "sync"; readonly file: number; readonly sync: number }
  | { readonly kind: "synced"; readonly file: number; readonly sync: number }
  | { readonly kind: "acknowledged" };

export type FileKind = "file" | "directory" | "symlink";

/** The number of the directory that everything lies in. */
export const root = 0;

/** An event in words, for reports. */
export function describeEvent(event: DiskEvent): string {
  switch (event.kind) {
    case "create":
      return `create ${event.what} ${event.directory}/${event.name} as ${event.file}`;
    case "write":
      return `write ${event.bytes.length} bytes to ${event.file} at ${event.offset}`;
    case "truncate":
      return `truncate ${event.file} to ${event.size}`;
    case "rename":
      return `rename ${event.directory}/${event.from} to ${event.to}`;
    case "unlink":
      return `unlink ${event.directory}/${event.name}`;
    case "sync":
      return `sync of ${event.file} begins (${event.sync})`;
    case "synced":
      return `sync of ${event.file} is done (${event.sync})`;
    case "acknowledged":
      return "acknowledged";
  }
}
