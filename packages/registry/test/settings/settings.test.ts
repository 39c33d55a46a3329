import { readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileStore, type Store } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import {
  configDirectory,
  configFile,
  pluginsFile,
  settings,
  stateDirectory,
  townState,
} from "../../src/index.ts";
import { readJson, temporaryDirectory, writeJson } from "../../../../toolchain/testing/surroundings.ts";

let directory = "";
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = fileStore(join(directory, "gastown"));
});
const file = (name: string): string => join(directory, "gastown", name);

describe("settings", () => {
  it("are read, set and unset by path, in a file that only its owner reads", async () => {
    const config = configFile(store);
    expect(await config.get("editor.tabs")).toBeUndefined();
    await config.set("editor.tabs", 4);
    await config.set(["hosts", "a.example"], { port: 1 });
    expect(await config.get("editor.tabs")).toBe(4);
    expect(await config.get(["hosts", "a.example", "port"])).toBe(1);
    expect(await config.get("hosts.a.example")).toBeUndefined();
    expect(await config.unset("editor.tabs")).toBe(true);
    expect(await config.unset("editor.tabs")).toBe(false);
    expect(await config.unset("no.such.thing")).toBe(false);
    expect(readJson(file("config.json"))).toEqual({ editor: {}, hosts: { "a.example": { port: 1 } } });
    expect(statSync(file("config.json")).mode & 0o777).toBe(0o600);
  });

  it.each(["null", "5", '"s"', "[]", "true"])("P10: refuse a file that is %s, and leave it", async (text) => {
    const config = settings(store, { document: "config.json" });
    await config.set("a", 1);
    writeFileSync(file("config.json"), text);
    for (const call of [
      config.read(),
      config.get("a"),
      config.set("a", 1),
      config.set("a.b", 1),
      config.unset("a"),
    ])
      await expect(call).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    const anything = {
      "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
    };
    const own = settings(store, { document: "config.json", schema: anything as never });
    for (const call of [own.set("a", 1), own.set("a.b", 1), own.unset("a")])
      await expect(call).rejects.toMatchObject({ code: "ERR_SETTING_PATH" });
    expect(readFileSync(file("config.json"), "utf8")).toBe(text);
  });

  it("keep what they do not touch, byte for byte", async () => {
    await configFile(store).set("a", 1);
    const text = '{"big": 12345678901234567890, "list": [1,2 ,3],\n "a": 1}';
    writeFileSync(file("config.json"), text);
    await configFile(store).set("a", 2);
    expect(readFileSync(file("config.json"), "utf8")).toBe(text.replace('"a": 1', '"a": 2'));
  });

  it("refuse paths through what is no object, and paths that are none", async () => {
    const config = configFile(store);
    await config.set("list", [1]);
    for (const path of ["list.0", "list.length"])
      await expect(config.set(path, 1)).rejects.toMatchObject({ code: "ERR_SETTING_PATH", path });
    await expect(config.unset("list.0")).rejects.toThrow("list is an array");
    for (const path of ["", "a..b", "__proto__.polluted", [], [1], 7])
      await expect(config.set(path as string, 1)).rejects.toThrow(TypeError);
    await expect(config.set("a", undefined)).rejects.toThrow(TypeError);
    expect(await config.get("constructor.name")).toBeUndefined();
    await config.set("constructor.name", "mine");
    expect(await config.get("constructor.name")).toBe("mine");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("hold to a schema, and write nothing that it refuses", async () => {
    const plugins = pluginsFile(store);
    await plugins.set("linter", { enabled: true, level: 3 });
    await expect(plugins.set("linter.enabled", "yes")).rejects.toMatchObject({
      code: "ERR_DOCUMENT_INVALID",
    });
    await expect(plugins.set("linter", 1)).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    expect(await plugins.read()).toEqual({ linter: { enabled: true, level: 3 } });
  });

  it("P10: are not replaced by defaults when they are damaged", async () => {
    const config = configFile(store);
    await config.set("a", 1);
    for (const text of ["{", "[]", ""]) {
      writeFileSync(file("config.json"), text);
      await expect(config.set("a", 2)).rejects.toMatchObject({
        code: expect.stringMatching("ERR_DOCUMENT") as string,
      });
      expect(readFileSync(file("config.json"), "utf8")).toBe(text);
    }
  });

  it("P1: lose nothing when many set at once", async () => {
    const one = settings(store, { document: "x.json" });
    const other = settings(fileStore(join(directory, "gastown")), { document: "x.json" });
    await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 ? one : other).set(`k${at}`, at)));
    expect(Object.keys(await one.read())).toHaveLength(40);
  });
});

describe("the state of a town", () => {
  it("is off until it is enabled, and the environment goes before the file", async () => {
    const state = townState(store);
    expect(await state.isEnabled({})).toBe(false);
    expect(await state.isEnabled({ GASTOWN_ENABLED: "1" })).toBe(true);
    expect(await state.isEnabled({ GASTOWN_ENABLED: "1", GASTOWN_DISABLED: "1" })).toBe(false);
    expect(await state.isEnabled({ GASTOWN_ENABLED: "true" })).toBe(false);
    await state.enable("1.2.3");
    expect(await state.isEnabled({})).toBe(true);
    expect(await state.isEnabled({ GASTOWN_DISABLED: "1" })).toBe(false);
    await state.disable();
    expect(await state.isEnabled({})).toBe(false);
  });

  it("is written by its first change, also one that leaves it off", async () => {
    const state = townState(store);
    await state.disable();
    expect(readJson(file("state.json"))).toMatchObject({
      enabled: false,
      machine_id: (await state.read()).machine_id,
    });
  });

  it("is the file that Gas Town writes", async () => {
    const state = townState(store);
    await state.enable("1.2.3");
    await state.set("shell_integration", "zsh");
    const written = readJson(file("state.json")) as Record<string, unknown>;
    expect(written).toEqual({
      enabled: true,
      version: "1.2.3",
      machine_id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      installed_at: expect.any(String) as string,
      updated_at: expect.any(String) as string,
      last_doctor_run: "0001-01-01T00:00:00Z",
      shell_integration: "zsh",
    });
    expect(statSync(file("state.json")).mode & 0o777).toBe(0o600);
  });

  it("keeps the machine's id, notes each change, and keeps Go's instants as they are", async () => {
    await townState(store).enable("1");
    const old = "2020-01-01T00:00:00.123456789+02:00";
    writeJson(file("state.json"), {
      enabled: true,
      version: "1",
      machine_id: "abcdef01",
      installed_at: old,
      updated_at: old,
    });
    await townState(store).enable("2");
    const { machine_id, installed_at, updated_at } = await townState(store).read();
    expect({ machine_id, installed_at }).toEqual({ machine_id: "abcdef01", installed_at: old });
    expect(Date.parse(updated_at)).toBeGreaterThan(Date.parse(old));
  });

  it.each([{ enabled: "yes" }, {}, { enabled: true, installed_at: "soon" }])("refuses %j", async (value) => {
    await townState(store).enable("1");
    writeJson(file("state.json"), value);
    await expect(townState(store).isEnabled({})).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
  });
});

it("keeps to the directories of XDG", () => {
  expect(stateDirectory({ XDG_STATE_HOME: "/s" })).toBe("/s/gastown");
  expect(stateDirectory({ XDG_STATE_HOME: "relative" })).toBe(join(homedir(), ".local/state/gastown"));
  expect(stateDirectory({})).toBe(join(homedir(), ".local/state/gastown"));
  expect(stateDirectory({ HOME: "/home/nux" })).toBe("/home/nux/.local/state/gastown");
  expect(configDirectory({ HOME: "nux" })).toBe(join(homedir(), ".config/gastown"));
  expect(configDirectory({ XDG_CONFIG_HOME: "/c", HOME: "/home/nux" })).toBe("/c/gastown");
  expect(configDirectory({ XDG_CONFIG_HOME: "" })).toBe(join(homedir(), ".config/gastown"));
});
