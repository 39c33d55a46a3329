import { fileStore, type Store } from "@flockwork/core";

/** A store, or one opened on a directory. */
export function openStore(place: string | Store): Store {
  if (typeof place === "string") return fileStore(place);
  if (typeof place === "object" && place !== null && "transact" in place) return place;
  throw new TypeError("place must be the path of a directory, or a store");
}
