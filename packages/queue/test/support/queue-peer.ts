import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterwards } from "./queue-directory.ts";

const fixture = fileURLToPath(new URL("../fixtures/queue-peer.ts", import.meta.url));

/** Another process at the queue of a directory; it ends with the test. */
export function startPeer(directory: string, mode: string, argument = ""): ChildProcess {
  const child = fork(fixture, [directory, mode, argument], {
    execArgv: ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.setMaxListeners(0);
  afterwards(() => kill(child));
  return child;
}

export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, "message")) as [T];
  return message;
}

/** Resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGCONT");
  child.kill("SIGKILL");
  await gone;
}
