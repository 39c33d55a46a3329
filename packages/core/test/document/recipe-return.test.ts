import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { updateJson, updateJsonSync } from "../../src/index.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "flockwork-recipe-"));
  path = join(directory, "state.json");
  writeFileSync(path, '{"n":1,"list":[]}');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

type State = { n: number; list: number[] };
const anything = (recipe: (state: State) => unknown): ((state: State) => void) =>
  recipe as (state: State) => void;

describe("a recipe that returns what its one expression yields", () => {
  it.each([
    ["changed and returned", (state: State) => state.n++],
    ["pushed and returned the length", (state: State) => state.list.push(1)],
    ["returned a primitive without a change", (state: State) => state.n > 0],
    ["returned null", () => null],
  ])("%s: is refused, and the file stays", async (_, recipe) => {
    await expect(updateJson<State>(path, anything(recipe))).rejects.toThrow(TypeError);
    expect(() => updateJsonSync<State>(path, anything(recipe))).toThrow(TypeError);
    expect(readFileSync(path, "utf8")).toBe('{"n":1,"list":[]}');
  });

  it("may return a whole new document, or the draft it changed", async () => {
    await updateJson<State>(path, (state) => ({ ...state, n: 2 }));
    await updateJson<State>(path, (state) => {
      state.n += 1;
      return state;
    });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ n: 3, list: [] });
  });
});
