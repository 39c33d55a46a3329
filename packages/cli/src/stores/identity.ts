import { hostname, userInfo } from "node:os";

/** Who acts, when nobody says: the user on this machine. */
export function whoActs(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // a user id without a name
  }
}
