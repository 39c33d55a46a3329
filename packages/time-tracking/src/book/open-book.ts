import type { Store } from "@flockwork/core";
import { checkId, checkWord } from "../arguments.ts";
import type { OpenTimeTrackingOptions } from "../time-options.ts";
import { shapeNamed } from "../variants/detect.ts";
import type { TimeBook } from "./book.ts";
import { DocumentBook } from "./document-book.ts";
import { JournalBook } from "./journal-book.ts";

/** Where the files of time lie. */
export const directory = ".flowforge/billing";

/** The book that was asked for. @throws {TypeError} naming the option. */
export function openBook(store: Store, options: OpenTimeTrackingOptions, timeZone: string): TimeBook {
  const { mode = "document", file, variant = "hours", history = true, durability = "disk" } = options;
  checkWord("mode", mode, ["document", "journal"]);
  if (mode === "journal")
    return new JournalBook(store, file ?? `${directory}/time-journal.jsonl`, durability);
  return new DocumentBook(store, {
    file: file ?? `${directory}/time-tracking.json`,
    historyFile: history ? `${directory}/time-history.jsonl` : undefined,
    variant: shapeNamed(variant).name,
    actorId: checkId("defaultActorId", options.defaultActorId ?? "developer"),
    timeZone,
    durability,
  });
}
