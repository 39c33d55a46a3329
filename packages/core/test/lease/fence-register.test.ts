import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";

import { jsonDocument } from "../../src/document/json-document.ts";
import { FenceRegister, fencingTokens, type FencingTokens } from "../../src/lease/fence-register.ts";
import { HeldFence } from "../../src/lease/fence.ts";
import { leaseLost } from "../../src/lease/lease-errors.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

function newRegister(mostNames?: number): { readonly register: FenceRegister; readonly path: string } {
  const path = join(temporaryDirectory(), fencingTokens.name);
  mkdirSync(dirname(path));
  const { schema, defaults } = fencingTokens;
  const document = jsonDocument<FencingTokens>(path, { schema, defaults });
  return { register: new FenceRegister(document, mostNames === undefined ? {} : { mostNames }), path };
}

function fence(token: number, name = "build"): { readonly name: string; readonly token: string } {
  return { name, token: String(token) };
}

const stale = { code: "ERR_STALE_FENCING_TOKEN" };

test("D5: the highest token that has written is remembered, and every lower one refused, in every process", async () => {
  const { register, path } = newRegister();
  await register.check(fence(7));
  await register.check(fence(7));
  await register.check(fence(10));
  await expect(register.check(fence(9))).rejects.toMatchObject({ ...stale, presented: "9", current: "10" });
  const { schema, defaults } = fencingTokens;
  const elsewhere = new FenceRegister(jsonDocument<FencingTokens>(path, { schema, defaults }));
  await expect(elsewhere.check(fence(7))).rejects.toMatchObject(stale);
  await elsewhere.check(fence(1, "another lease"));
});

test("D5: a grant refuses older tokens before its holder has written, and no grant may be as old as a token that is known", async () => {
  const { register } = newRegister();
  await register.check(fence(7));
  await register.enter(fence(8));
  await expect(register.check(fence(7))).rejects.toMatchObject(stale);
  await expect(register.enter(fence(8))).rejects.toMatchObject(stale);
  expect(await register.highest("build")).toBe("8");
  expect(await register.highest("never seen")).toBeUndefined();
  await register.check(fence(8));
});

test("a fence of this process is asked whether the lease is still held, before anything is read", async () => {
  const { register, path } = newRegister();
  const lost = new HeldFence("build", "7", {
    assertHeld: () => {
      throw leaseLost("build", 5, "it was not renewed in time");
    },
    lose: () => expect.unreachable(),
  });
  await expect(register.check(lost)).rejects.toMatchObject({ code: "ERR_LEASE_LOST", path: "build" });
  expect(await register.highest("build")).toBeUndefined();
  writeFileSync(path, "damaged");
  await expect(register.check(lost)).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
});

test("T7: a holder that was stopped between its look at the clock and the register's finds its lease lost when it is refused", async () => {
  const { register } = newRegister();
  await register.check(fence(8));
  let asked = 0;
  const told: unknown[] = [];
  const unaware = new HeldFence("build", "7", {
    assertHeld: () => (asked += 1),
    lose: (reason) => told.push(reason),
  });
  await expect(register.check(unaware)).rejects.toMatchObject(stale);
  expect(asked).toBe(2);
  expect(told).toMatchObject([stale]);
});

test("P7: a bounded register forgets names, but refuses whoever is as old as those", async () => {
  const { register } = newRegister(4);
  for (let at = 1; at <= 5; at += 1) await register.check(fence(at * 10, `job ${at}`));
  // The two newest are remembered by name.
  await expect(register.check(fence(49, "job 5"))).rejects.toMatchObject(stale);
  for (let at = 1; at <= 3; at += 1)
    await expect(register.check(fence(at * 10 - 1, `job ${at}`))).rejects.toMatchObject(stale);
  await expect(register.check(fence(29, "job 9"))).rejects.toMatchObject(stale);
  await register.check(fence(31, "job 9"));
});

test("a damaged register lets no fenced write through, and is left as it is", async () => {
  const { register, path } = newRegister();
  for (const [text, code] of [
    ["{", "ERR_DOCUMENT_CORRUPT"],
    ['{"tokens":{"build":7}}', "ERR_DOCUMENT_INVALID"],
    ["[]", "ERR_DOCUMENT_INVALID"],
    ['{"tokens":[]}', "ERR_DOCUMENT_INVALID"],
    ['{"tokens":{},"floor":"x"}', "ERR_DOCUMENT_INVALID"],
  ] as const) {
    writeFileSync(path, text);
    await expect(register.check(fence(7))).rejects.toMatchObject({ code });
  }
});

test("misuse is named before anything is read", async () => {
  const { register } = newRegister();
  const wrong = [
    undefined,
    "7",
    {},
    { name: "", token: "7" },
    { name: "build", token: 7 },
    { name: "build", token: "07" },
  ];
  for (const value of [...wrong, { name: "__proto__", token: "7" }, { name: "\ud800", token: "7" }])
    await expect(register.check(value as never)).rejects.toThrow(TypeError);
});
