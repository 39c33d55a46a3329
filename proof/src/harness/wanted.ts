/** The names that somebody wants of a part, and nothing else of it: `FLOCKWORK_PROOF_OPERATIONS`, a regular expression. */
export function wantedNames(): RegExp | undefined {
  const wanted = process.env["FLOCKWORK_PROOF_OPERATIONS"];
  return wanted === undefined ? undefined : new RegExp(wanted);
}

/** Whether somebody wants it: all, where nobody says what. */
export function isWanted(name: string): boolean {
  return wantedNames()?.test(name) ?? true;
}
