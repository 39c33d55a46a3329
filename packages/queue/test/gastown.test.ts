import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, test } from "vitest";
import { realFileSystem, substituteFileSystem } from "../../core/src/platform/file-system.ts";
import { openMailQueues, type MailMessage } from "../src/mail-queue.ts";
import { NudgeQueueFullError } from "../src/nudge.ts";
import { openNudgeQueue } from "../src/nudge-queue.ts";
import { unspeakable } from "./support/laid-files.ts";
import { afterwards, temporaryStore } from "./support/queue-directory.ts";

function openNudges() {
  const { store, directory } = temporaryStore();
  const time = { nowMs: Date.parse("2026-05-01T12:00:00Z") };
  const options = { now: () => time.nowMs };
  const names = (): string[] =>
    readdirSync(join(directory, ".runtime/nudge_queue/gastown_crew")).filter((name) => !name.startsWith("."));
  return { directory, time, names, nudges: openNudgeQueue(store, "gastown/crew", options), store, options };
}

test("a nudge is a file as Gas Town writes it, and claimed in order", async () => {
  const { nudges, names, directory, time } = openNudges();
  await nudges.send({ sender: "mayor", message: "first" });
  await nudges.send({ sender: "mayor", message: "second", priority: "urgent", kind: "mail" });
  const [name = ""] = names();
  expect(name).toMatch(/^1777636800000000000-[0-9a-f]{8}\.json$/);
  expect(
    JSON.parse(readFileSync(join(directory, ".runtime/nudge_queue/gastown_crew", name), "utf8")),
  ).toEqual({
    sender: "mayor",
    message: "first",
    priority: "normal",
    timestamp: "2026-05-01T12:00:00.000Z",
    expires_at: "2026-05-01T12:30:00.000Z",
  });
  const claimed = await nudges.claim();
  expect(claimed.map(({ nudge }) => nudge.message)).toEqual(["first", "second"]);
  expect(names().every((each) => /\.json\.claimed\.[0-9a-f]{8}$/.test(each))).toBe(true);
  await claimed[0]?.done();
  await claimed[1]?.putBack();
  time.nowMs += 60 * 60_000;
  expect((await nudges.claim()).map(({ nudge }) => nudge.message)).toEqual(["second"]); // urgent ones live for two hours
});

test("of many readers one gets a nudge, also beside one that renames it away", async () => {
  const { nudges, store, options, names, directory } = openNudges();
  for (let at = 0; at < 8; at += 1) await nudges.send({ sender: "x", message: String(at) });
  const stolen = join(directory, ".runtime/nudge_queue/gastown_crew", names()[3] ?? "");
  renameSync(stolen, `${stolen}.claimed.0badcafe`);
  const others = [
    openNudgeQueue(store, "gastown/crew", options),
    openNudgeQueue(store, "gastown/crew", options),
  ];
  const claims = (await Promise.all(others.map((each) => each.claim()))).flat();
  const messages = claims.map(({ nudge }) => Number(nudge.message)).toSorted((a, b) => a - b);
  expect(messages).toEqual([0, 1, 2, 4, 5, 6, 7]);
});

test("malformed files are left alone, and count as nudges only while somebody may be writing them", async () => {
  const { directory, time, names, store, options } = openNudges();
  const small = openNudgeQueue(store, "gastown/crew", { ...options, most: 2 });
  await small.send({ sender: "x", message: "first" });
  const half = `${BigInt(time.nowMs) * 1_000_000n}-00000000.json`;
  writeFileSync(join(directory, ".runtime/nudge_queue/gastown_crew", half), '{"sender":"x","mess');
  await expect(small.send({ sender: "x", message: "no" })).rejects.toBeInstanceOf(NudgeQueueFullError);
  expect(await small.pending()).toBe(2);
  time.nowMs += 1_000;
  expect(await small.pending()).toBe(1);
  await small.send({ sender: "x", message: "second" });
  expect((await small.claim()).map(({ nudge }) => nudge.message)).toEqual(["first", "second"]);
  expect(names()).toContain(half);
});

test("the cap holds for many senders at once; what expires goes, what is not due waits, what was abandoned comes back", async () => {
  const { nudges, time, names, store, options } = openNudges();
  const small = openNudgeQueue(store, "gastown/crew", { ...options, most: 3 });
  const sent = await Promise.allSettled(
    Array.from({ length: 6 }, (_, at) => small.send({ sender: "x", message: `${at}` })),
  );
  const refused = sent.filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(3);
  expect(refused[0]).toMatchObject({ reason: expect.any(NudgeQueueFullError) });
  time.nowMs += 31 * 60_000;
  await small.send({
    sender: "x",
    message: "in the place of one that expired",
    deliverAfter: new Date(time.nowMs + 1),
  });
  time.nowMs += 31 * 60_000;
  expect(await nudges.claim()).toEqual([]);
  expect(names()).toEqual([]);
  await nudges.send({ sender: "x", message: "later", deliverAfter: new Date(time.nowMs + 1_000) });
  expect(await nudges.claim()).toEqual([]);
  time.nowMs += 1_000;
  expect(await nudges.claim()).toHaveLength(1); // and its claimer dies
  expect(await nudges.claim()).toEqual([]);
  time.nowMs += 5 * 60_000;
  expect((await nudges.claim()).map(({ nudge }) => nudge.message)).toEqual(["later"]);
});

test("what was abandoned comes back to a reader that has never looked before", async () => {
  const { nudges, time, names, directory, options } = openNudges();
  await nudges.send({ sender: "x", message: "forgotten" });
  const [name = ""] = names();
  const path = join(directory, ".runtime/nudge_queue/gastown_crew", name);
  const text = readFileSync(path, "utf8");
  expect(await nudges.claim()).toHaveLength(1); // and its claimer dies
  const newcomer = () => openNudgeQueue(fileStore(directory), "gastown/crew", options);
  time.nowMs += 5 * 60_000 - 1;
  expect(await newcomer().claim(0)).toEqual([]);
  expect(await newcomer().pending()).toBe(0);
  time.nowMs += 1;
  await newcomer().claim(0);
  expect(readFileSync(path, "utf8")).toBe(text);
  expect((await newcomer().claim()).map(({ nudge }) => nudge)).toEqual([JSON.parse(text)]);
});

const mail = (id: string): MailMessage => ({
  id,
  from: "mayor",
  to: "crew",
  subject: "s",
  body: "b",
  timestamp: "2026-05-01T12:00:00Z",
  priority: "normal",
});

test("mail is delivered, tried again after its delay, and given up to the dead letters in one commit", async () => {
  const { store, directory } = temporaryStore();
  const time = { nowMs: Date.parse("2026-05-01T12:00:00Z") };
  const queues = openMailQueues(store, { now: () => time.nowMs, deadLetterThreshold: 2 });
  mkdirSync(join(directory, "daemon/mail-queues"), { recursive: true });
  const theirs = {
    message: { ...mail("theirs"), wisp: true },
    attempts: 0,
    last_attempt: "0001-01-01T00:00:00Z",
    queued_at: "x",
  };
  writeFileSync(join(directory, "daemon/mail-queues/outbound.json"), JSON.stringify([theirs]));
  await queues.enqueue("outbound", mail("bad"));
  await queues.enqueue("outbound", mail("bad"));
  const delivered: unknown[] = [];
  const deliver = (message: MailMessage): void => {
    if (message.id === "bad") throw new Error("no route");
    delivered.push(message);
  };
  expect(await queues.deliver("outbound", deliver)).toEqual({ delivered: 1, failed: 1 });
  expect(delivered).toEqual([theirs.message]);
  expect(await queues.deliver("outbound", deliver)).toEqual({ delivered: 0, failed: 0 });
  time.nowMs += 300_000;
  expect(await queues.deliver("outbound", deliver)).toEqual({ delivered: 0, failed: 1 });
  expect(await queues.list("outbound")).toEqual([]);
  expect(await queues.list("dead-letter")).toMatchObject([
    { message: { id: "bad" }, attempts: 2, error: "no route" },
  ]);
});

test("a mail queue that holds something else is refused by a typed error, and stays as it was", async () => {
  const { store, directory } = temporaryStore();
  mkdirSync(join(directory, "daemon/mail-queues"), { recursive: true });
  const path = join(directory, "daemon/mail-queues/outbound.json");
  const sound = { message: mail("m"), attempts: 0 };
  for (const content of [
    { a: 1 },
    [null],
    [sound, { message: null, attempts: 0 }],
    [{ message: mail("m") }],
  ]) {
    writeFileSync(path, JSON.stringify(content));
    const queues = openMailQueues(store);
    for (const call of [
      () => queues.list("outbound"),
      () => queues.deliver("outbound", () => undefined),
      () => queues.enqueue("outbound", mail("new")),
    ])
      await expect(call()).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(content);
  }
});

test("mail whose last attempt is no date is delivered, as one with another unreadable date", async () => {
  const { store, directory } = temporaryStore();
  mkdirSync(join(directory, "daemon/mail-queues"), { recursive: true });
  const dates = [unspeakable, [], 5, null, "soon"];
  const mails = dates.map((last_attempt, at) => ({ message: mail(`${at}`), attempts: 1, last_attempt }));
  writeFileSync(join(directory, "daemon/mail-queues/outbound.json"), JSON.stringify(mails));
  const queues = openMailQueues(store);
  expect(await queues.deliver("outbound", () => undefined)).toEqual({ delivered: 5, failed: 0 });
  expect(await queues.list("outbound")).toEqual([]);
});

test("a nudge whose dates are none is claimed at once, and put back when its claimer is not heard of", async () => {
  const { nudges, names, directory, time } = openNudges();
  for (const odd of [unspeakable, [], 5, null, "soon"]) {
    await nudges.send({ sender: "mayor", message: "odd" });
    const [name = ""] = names();
    const path = join(directory, ".runtime/nudge_queue/gastown_crew", name);
    const nudge = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...nudge, deliver_after: odd }));
    const [claimed] = await nudges.claim();
    expect(claimed?.nudge).toEqual({ ...nudge, deliver_after: odd });
    await claimed?.done();
    writeFileSync(`${path}.claimed.0badcafe`, JSON.stringify({ ...nudge, claimed_at: odd }));
    expect(await nudges.claim()).toEqual([]);
    time.nowMs += 5 * 60_000;
    const [again] = await nudges.claim();
    expect(again?.nudge).toEqual(nudge);
    await again?.done();
  }
});

test("a claimed nudge that cannot be copied exactly stays, and keeps nobody from the others", async () => {
  const { nudges, names, directory, time } = openNudges();
  await nudges.send({ sender: "mayor", message: "poison" });
  const [name = ""] = names();
  const path = join(directory, ".runtime/nudge_queue/gastown_crew", name);
  const poison = readFileSync(path, "utf8").replace(
    "{",
    '{"n": 1.77e308,"claimed_at":"2020-01-01T00:00:00Z",',
  );
  renameSync(path, `${path}.claimed.0badcafe`);
  writeFileSync(`${path}.claimed.0badcafe`, poison);
  await nudges.send({ sender: "mayor", message: "good" });
  time.nowMs += 1;
  expect((await nudges.claim()).map(({ nudge }) => nudge.message)).toEqual(["good"]);
  expect(readFileSync(`${path}.claimed.0badcafe`, "utf8")).toBe(poison);
});

test("a nudge that cannot be copied exactly stays, and keeps nobody from the others", async () => {
  const { nudges, names, directory } = openNudges();
  await nudges.send({ sender: "mayor", message: "poison" });
  const [name = ""] = names();
  const path = join(directory, ".runtime/nudge_queue/gastown_crew", name);
  const sound = readFileSync(path, "utf8");
  for (const field of ['"n": 1.77e308', '"o": {"__proto__": 1}']) {
    const poison = sound.replace("{", `{${field},`);
    writeFileSync(path, poison);
    await nudges.send({ sender: "mayor", message: "good" });
    expect((await nudges.claim()).map(({ nudge }) => nudge.message)).toEqual(["good"]);
    expect(readFileSync(path, "utf8")).toBe(poison);
  }
});

test("a nudge that cannot be read keeps nobody from the others, and is told where there are none", async () => {
  const { nudges, names, directory } = openNudges();
  await nudges.send({ sender: "mayor", message: "out of reach" });
  const [name = ""] = names();
  await nudges.send({ sender: "mayor", message: "good" });
  const path = join(directory, ".runtime/nudge_queue/gastown_crew", name);
  const restore = substituteFileSystem({
    openSync: (opened, flags, mode) => {
      if (opened === path) throw Object.assign(new Error("no descriptors left"), { code: "EMFILE" });
      return realFileSystem.openSync(opened, flags, mode);
    },
  });
  afterwards(restore);
  expect((await nudges.claim()).map(({ nudge }) => nudge.message)).toEqual(["good"]);
  await expect(nudges.claim()).rejects.toMatchObject({ code: "ERR_READ_FAILED", path });
  restore();
  expect((await nudges.claim()).map(({ nudge }) => nudge.message)).toEqual(["out of reach"]);
});
