import { fileStore, type Store } from "@flockwork/core";
import type { OpenTimeTrackingOptions } from "./time-options.ts";
import { TimeTracking } from "./time-tracking.ts";

/**
 * Opens the time of a project: `.flowforge/billing/time-tracking.json`. Nothing is read or created until it is asked for.
 * FlowForge's own scripts and this exclude each other.
 *
 * @param place - The directory of the project, or a store that is opened on it.
 * @throws {TypeError | RangeError} naming the option.
 * @example
 * const time = openTimeTracking(".");
 * await time.start({ taskId: "142", actorId: "ada" });
 * await time.stop({ actorId: "ada" });
 */
export function openTimeTracking(place: string | Store, options: OpenTimeTrackingOptions = {}): TimeTracking {
  if (typeof place === "string") return new TimeTracking(fileStore(place), options);
  if (typeof place === "object" && place !== null && "transact" in place)
    return new TimeTracking(place, options);
  throw new TypeError("place must be the path of a directory, or a store");
}
