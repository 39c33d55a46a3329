// What every script of the tree uses before the migration.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

export function readJson(path, fallback) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return fallback; // missing, or being written at this moment
  }
}

export function writeJson(path, data) {
  const text = JSON.stringify(data, null, 2);
  try {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  } catch {
    writeFileSync(path, text); // somebody else's rename took our temporary file
  }
}
