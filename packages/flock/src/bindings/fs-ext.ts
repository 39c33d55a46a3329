import { createRequire } from "node:module";
import { constants } from "node:os";

import type { FlockBinding } from "../binding.ts";
import { nonBlockingBinding } from "./non-blocking.ts";

/** The one sound call of fs-ext: its asynchronous and fcntl calls are not used (docs/decisions/0002). */
interface FsExt {
  readonly flockSync: (fd: number, flags: "shnb" | "exnb" | "un") => void;
}

const flags = { share: "shnb", exclude: "exnb", release: "un" } as const;

/** Loads fs-ext, when it was built for the running Node. */
export function loadFsExt(): FlockBinding {
  const { flockSync } = createRequire(import.meta.url)("fs-ext") as FsExt;
  return nonBlockingBinding("fs-ext", (fd, operation) => {
    try {
      flockSync(fd, flags[operation]);
      return 0;
    } catch (error) {
      return errnoOf(error);
    }
  });
}

function errnoOf(error: unknown): number {
  const { code } = error as NodeJS.ErrnoException;
  const errno = (constants.errno as Readonly<Record<string, number>>)[code ?? ""];
  if (errno === undefined) throw error;
  return errno;
}
