import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Files that real tools wrote, beside the repository on some machines. */
export const realData: string = fileURLToPath(new URL("../../../../../shared/data/beads/", import.meta.url));

/** Tests that need them are skipped, and counted, where they are not. */
export const hasRealData: boolean = existsSync(realData);
