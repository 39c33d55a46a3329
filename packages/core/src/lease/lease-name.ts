const longestName = 512;

/** Checks the name of a lease where it enters. @throws {TypeError} naming what is wrong. */
export function checkLeaseName(name: unknown): string {
  if (typeof name !== "string" || name === "" || name.length > longestName || !name.isWellFormed())
    throw new TypeError(`The name of a lease must be a string of 1 to ${longestName} characters`);
  // A key of a JSON object that JavaScript would take for the prototype.
  if (name === "__proto__") throw new TypeError("A lease cannot be called __proto__");
  return name;
}
