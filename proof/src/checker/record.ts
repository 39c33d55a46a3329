import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "../harness/bundled.ts";
import { Program } from "../harness/program.ts";
import type { Random } from "../harness/random.ts";
import type { Operation, RegisterHistory, RegisterInput, RegisterOutput } from "./library/index.ts";

export interface Recording {
  readonly clients: number;
  readonly operations: number;
  /** How many clients are killed on the way. */
  readonly kills: number;
}

interface Said {
  readonly begin?: number;
  readonly end?: number;
  readonly key?: string;
  readonly wrote?: string;
  readonly saw?: string;
  readonly at: number;
}

const registerClient = new URL("register-client.ts", import.meta.url);

/** What processes saw, and how many of them died on the way. */
export interface Recorded {
  readonly history: RegisterHistory;
  readonly kills: number;
}

/** Lets processes at one document, kills some of them, and returns what each saw. */
export async function recordHistory(directory: string, random: Random, size: Recording): Promise<Recorded> {
  const path = join(directory, "registers.json");
  writeFileSync(path, JSON.stringify({ a: "initial", b: "initial", c: "initial" }));
  const history = new Map<string, Operation<RegisterInput, RegisterOutput>>();
  const program = await bundled(registerClient);
  const clients: Program[] = [];
  const readiness: Promise<void>[] = [];
  let answers = 0;
  const killsAt = Array.from({ length: size.kills }, () =>
    random.between(1, size.clients * size.operations - 1),
  );
  for (let number = 0; number < size.clients; number += 1) {
    const client = `client ${number}`;
    const ready = Promise.withResolvers<void>();
    readiness.push(ready.promise);
    const onLine = (line: string): void => {
      if (line === "ready") return ready.resolve();
      note(history, client, JSON.parse(line) as Said);
      answers += 1;
      if (killsAt.includes(answers)) clients[random.between(0, clients.length - 1)]?.kill();
    };
    const args = [path, `${number}`, `${size.operations}`, `${random.between(0, 1 << 30)}`];
    const started = Program.node(program, args, { onLine });
    void started.exited.then(({ errors }) => ready.reject(new Error(errors)));
    clients.push(started);
  }
  await Promise.all(readiness);
  for (const client of clients) client.tell("go");
  let kills = 0;
  for (const client of clients) {
    const { code, signal, errors } = await client.exited;
    if (signal === "SIGKILL") kills += 1;
    if (code !== 0 && signal !== "SIGKILL")
      throw new Error(`a client ended with ${code ?? signal}: ${errors}`);
  }
  return { history: [...history.values()], kills };
}

function note(
  history: Map<string, Operation<RegisterInput, RegisterOutput>>,
  client: string,
  said: Said,
): void {
  if (said.begin !== undefined) {
    const { key = "", wrote, at } = said;
    const input: RegisterInput =
      wrote === undefined ? { kind: "read", key } : { kind: "update", key, value: wrote };
    const common = { client, input, output: undefined };
    history.set(`${client} ${said.begin}`, { ...common, begunAt: at, endedAt: Infinity });
    return;
  }
  const begun = history.get(`${client} ${said.end}`);
  if (begun === undefined) throw new Error(`${client} ended what it never began`);
  const output = { saw: said.saw ?? null };
  history.set(`${client} ${said.end}`, { ...begun, output, endedAt: said.at });
}
