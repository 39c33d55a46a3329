import { identifyProcess, type ProcessIdentity } from "@flockwork/core";

let own: ProcessIdentity | undefined;

/** This process, as others can judge it. */
export function ownProcess(): ProcessIdentity {
  return (own ??= identifyProcess());
}

/** Whether a holder is one of this process. */
export function isOwnProcess(process: ProcessIdentity): boolean {
  const { pid, startTicks, host, bootId, pidNamespace } = ownProcess();
  return (
    process.pid === pid &&
    process.startTicks === startTicks &&
    process.host === host &&
    process.bootId === bootId &&
    process.pidNamespace === pidNamespace
  );
}
