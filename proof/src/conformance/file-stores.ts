import { rmSync } from "node:fs";
import { temporaryDirectory, type TemporaryOptions } from "../harness/temporary-directory.ts";
import { fileStore, type Store } from "./core.ts";
import { bytesOf } from "./file-nemesis.ts";
import type { RawBytes, StoreFactory } from "./subject.ts";

/** Stores in files, each place a directory of its own. @param change - Breaks a store as it is opened. */
export function fileFactory(
  change: (store: Store, bytes: RawBytes) => Store | Promise<Store> = (store) => store,
  options: TemporaryOptions = {},
): StoreFactory {
  return {
    create: () => {
      const directory = temporaryDirectory(options);
      return Promise.resolve({
        open: async () => change(fileStore(directory), bytesOf(directory)),
        elsewhere: { module: new URL(import.meta.url), argument: directory },
        bytes: bytesOf(directory),
        clean: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
      });
    },
  };
}

/** How another process opens one. */
export function openStore(directory: string): Store {
  return fileStore(directory);
}
