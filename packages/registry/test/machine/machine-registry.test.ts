import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { machineRegistry, type MachineRegistry } from "../../src/index.ts";
import { readJson, temporaryDirectory, writeJson } from "../../../../toolchain/testing/surroundings.ts";

let path = "";
let machines: MachineRegistry;
beforeEach(() => {
  const directory = temporaryDirectory();
  path = join(directory, "machines.json");
  machines = machineRegistry(fileStore(directory));
});
const builder = { name: "builder", type: "ssh", host: "me@builder.example" } as const;

describe("the machine registry", () => {
  it("has a local machine before there is a file, and reading makes none", async () => {
    const local = { name: "local", type: "local", host: "", key_path: "", town_path: "" };
    expect(await machines.get("local")).toEqual(local);
    expect(await machines.list()).toEqual([local]);
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  it("writes what Gas Town writes: version, local, all five fields, two spaces", async () => {
    await machines.add(builder);
    expect(readFileSync(path, "utf8")).toBe(`{
  "version": 1,
  "machines": {
    "local": {
      "name": "local",
      "type": "local",
      "host": "",
      "key_path": "",
      "town_path": ""
    },
    "builder": {
      "name": "builder",
      "type": "ssh",
      "host": "me@builder.example",
      "key_path": "",
      "town_path": ""
    }
  }
}
`);
  });

  it("takes its locks where Gas Town does", async () => {
    await machines.add(builder);
    expect(readFileSync(join(path, "../.gastown/locks/machines.json.lock"), "utf8")).toBe(`${process.pid}\n`);
  });

  it("keeps what others added, at every level, and every digit of it", async () => {
    const file = `{"version": 7, "note": 9007199254740993123, "machines": {"a": {"name": "a", "type": "k8s", "cores": 12345678901234567890},
      "z": {"type": "ssh", "host": "z", "tags": ["x"]}}}`;
    writeFileSync(path, file);
    await machines.add({ ...builder, name: "m" });
    await machines.update("a", { host: "new" });
    await machines.add({ name: "z", type: "ssh", host: "z2" });
    const text = readFileSync(path, "utf8");
    for (const part of [`"version": 7`, "9007199254740993123", "12345678901234567890", `["x"]`])
      expect(text).toContain(part);
    expect((await machines.list()).map(({ name, host }) => [name, host])).toEqual([
      ["a", "new"],
      ["local", ""],
      ["m", "me@builder.example"],
      ["z", "z2"],
    ]);
  });

  it("reads as Gas Town does: the key is the name, missing fields are empty, null machines are none", async () => {
    writeJson(path, { version: 1, machines: { a: { name: "b", type: "ssh" } } });
    expect(await machines.get("a")).toEqual({
      name: "a",
      type: "ssh",
      host: "",
      key_path: "",
      town_path: "",
    });
    writeJson(path, { version: 1, machines: null });
    expect((await machines.list()).map(({ name }) => name)).toEqual(["local"]);
    await machines.add(builder);
    expect(Object.keys(readJson(path)["machines"] ?? {})).toEqual(["builder"]);
  });

  it.each([
    [{ name: "", type: "ssh", host: "h" }, "machine name is required"],
    [{ name: "a", type: "" }, "machine type is required"],
    [{ name: "a", type: "ssh" }, "ssh machine requires host"],
  ])("refuses %j in Gas Town's words, and writes nothing", async (machine, message) => {
    const refusal = { code: "ERR_ENTRY_INVALID", message: expect.stringMatching(`^${message}`) as string };
    await expect(machines.add(machine)).rejects.toMatchObject(refusal);
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  it("accepts a type that only others know, as Gas Town does", async () => {
    expect(await machines.add({ name: "pod", type: "k8s" })).toMatchObject({ type: "k8s", host: "" });
  });

  it("never removes local, and says which machine it does not find", async () => {
    await expect(machines.remove("local")).rejects.toThrow(/^cannot remove local machine/);
    await expect(machines.remove("x")).rejects.toThrow(/^machine not found: x/);
    await expect(machines.get("x")).rejects.toMatchObject({ code: "ERR_ENTRY_NOT_FOUND", key: "x" });
    await expect(machines.update("x", { host: "h" })).rejects.toThrow(/^machine not found: x/);
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  it.each(["constructor", "toString", "hasOwnProperty"])(
    "takes %s for a name like any other",
    async (name) => {
      await expect(machines.get(name)).rejects.toThrow(/^machine not found/);
      await machines.add({ name, type: "ssh", host: "h" });
      await machines.update(name, { host: "h2" });
      expect((await machines.get(name)).host).toBe("h2");
      await machines.remove(name);
      await expect(machines.get(name)).rejects.toThrow(/^machine not found/);
    },
  );

  it("refuses fields that it would not store", async () => {
    await machines.add(builder);
    const townPath = { townPath: "/srv" } as object;
    await expect(machines.add({ ...builder, ...townPath })).rejects.toThrow(/no field "townPath"/);
    await expect(machines.update("builder", townPath)).rejects.toThrow(/no field "townPath"/);
  });

  it("P10: refuses names that could do harm", async () => {
    for (const name of ["__proto__", "a\nb", "x".repeat(300), 7, ["a"]])
      await expect(machines.add({ name: name as string, type: "ssh", host: "h" })).rejects.toThrow(TypeError);
    await expect(machines.add(undefined as never)).rejects.toThrow(TypeError);
    await expect(machines.update("local", { name: "other" } as never)).rejects.toThrow(TypeError);
    await expect(machines.update("local", undefined as never)).rejects.toThrow("patch must be an object");
  });
});

describe("update", () => {
  it("changes what it is given, under the same rules", async () => {
    await machines.add(builder);
    expect(await machines.update("builder", { key_path: "/k", town_path: undefined })).toEqual({
      ...builder,
      key_path: "/k",
      town_path: "",
    });
    await expect(machines.update("builder", { host: "" })).rejects.toThrow(/^ssh machine requires host/);
    expect((await machines.get("builder")).host).toBe(builder.host);
  });

  it("is refused for what it brings, and not for what others wrote: half a character stays where it was", async () => {
    writeFileSync(path, '{"version":1,"machines":{"builder":{"type":"\\ud800","host":"h"}}}');
    expect(await machines.update("builder", { town_path: "/town" })).toMatchObject({ host: "h" });
    expect(readFileSync(path, "utf8")).toContain('"type":"\\ud800"');
    await expect(machines.update("builder", { host: "\ud800" })).rejects.toThrow(
      "host must not contain half of a surrogate pair",
    );
    await expect(machines.update("builder", { host: 5 } as never)).rejects.toThrow("got number");
  });

  it("may change local, also where the file does not have it", async () => {
    writeJson(path, { version: 1, machines: {} });
    await machines.update("local", { town_path: "/town" });
    expect(readJson(path)["machines"]).toEqual({
      local: { name: "local", type: "local", host: "", key_path: "", town_path: "/town" },
    });
  });

  it("refuses a change of what somebody else has changed meanwhile", async () => {
    await machines.add(builder);
    const { revision } = await machines.listWithRevision();
    await machines.update("builder", { host: "first" }, { expectedRevision: revision });
    const late = machines.update("builder", { host: "second" }, { expectedRevision: revision });
    await expect(late).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
    expect((await machines.get("builder")).host).toBe("first");
  });
});

describe("a damaged registry", () => {
  it.each([
    ['{"version": 1, "machines"', "ERR_DOCUMENT_CORRUPT"],
    ["[]", "ERR_DOCUMENT_INVALID"],
    ['{"machines": {"a": null}}', "ERR_DOCUMENT_INVALID"],
    ['{"machines": {"a": {"host": 7}}}', "ERR_DOCUMENT_INVALID"],
    ['{"machines": []}', "ERR_DOCUMENT_INVALID"],
  ])("P10: %s is neither read nor replaced", async (text, code) => {
    writeFileSync(path, text);
    await expect(machines.list()).rejects.toMatchObject({ code });
    await expect(machines.add(builder)).rejects.toMatchObject({ code });
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

it("sees at once what another program wrote, and gives the same objects while nobody does", async () => {
  await machines.add(builder);
  const first = await machines.get("builder");
  expect(await machines.get("builder")).toBe(first);
  writeJson(path, { version: 1, machines: { builder: { ...builder, host: "other" } } });
  expect((await machines.get("builder")).host).toBe("other");
});
